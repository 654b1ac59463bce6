import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromTypedArray, type Safetensors, saveCheckpoint, showCheckpointError } from '../../src/index.js';
import { contents } from '../contents.js';
import { countedModel, type families, openpiConverted } from '../names/fixtures.js';
import { models, randomModel } from '../names/models.js';
import { convert } from './convert.js';
import { fails, floats, readAll, runs, temporaryDirectory, writeTensors } from './weights.js';

const heads = { headDim: 4, imageHeads: 2 };

const modelFile = async (family: (typeof families)[number]): Promise<readonly [directory: string, file: string]> => {
  const directory = await temporaryDirectory();
  return [directory, await writeTensors(join(directory, 'ours.safetensors'), floats(countedModel(family)))];
};

const changed = (name: string, change: (elements: Float32Array) => void): Safetensors => {
  const model = floats(countedModel('pi0'));
  const tensors = new Map(model.tensors);
  const old = countedModel('pi0').get(name);
  if (old === undefined) throw new Error(name);
  const elements = Float32Array.from(old.elements);
  change(elements);
  tensors.set(name, fromTypedArray('F32', old.shape, elements));
  return { tensors, metadata: {} };
};

describe('laws', () => {
  it('to another format and back, through any number of files, gives the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        models,
        fc.constantFrom('openpi-pytorch' as const, 'lerobot' as const),
        fc.integer({ min: 1, max: 400 }),
        async (model, wanted, maxShardBytes) => {
          const to = model.family === 'pi0-fast' ? 'lerobot' : wanted;
          const directory = await temporaryDirectory();
          const input = await writeTensors(join(directory, 'ours.safetensors'), floats(randomModel(model)));
          const [there, back] = [join(directory, 'there'), join(directory, 'back')];
          await runs(convert({ input, output: there, to, maxShardBytes }));
          await runs(convert({ input: there, output: back, to: 'torsor', heads: model }));
          expect(await readAll(back)).toEqual(await readAll(input));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('bf16 → f32 → bf16 changes nothing, and f32 → bf16 counts what it rounds', async () => {
    const [directory, input] = await modelFile('pi05');
    const to = 'torsor';
    const narrow = await runs(convert({ input, output: join(directory, 'a'), to, dtype: 'BF16' }));
    const elements = [...countedModel('pi05').values()].flatMap((tensor) => tensor.elements);
    const isExact = (n: number): boolean => n < 256 || n % 2 ** (Math.floor(Math.log2(n)) - 7) === 0;
    expect(Object.values(narrow.rounded).reduce((sum, n) => sum + n, 0)).toBe(
      elements.filter((n) => !isExact(n)).length,
    );
    const wide = await runs(convert({ input: join(directory, 'a'), output: join(directory, 'b'), to, dtype: 'F32' }));
    expect(wide.rounded).toEqual({});
    await runs(convert({ input: join(directory, 'b'), output: join(directory, 'c'), to, dtype: 'BF16' }));
    expect(await readAll(join(directory, 'c'))).toEqual(await readAll(join(directory, 'a')));
  });
});

describe('against openpi', () => {
  it.each(['pi0', 'pi05'] as const)("%s: the file of openpi's own converter, and back", async (family) => {
    const [directory, input] = await modelFile(family);
    const theirs = await writeTensors(join(directory, 'theirs.safetensors'), floats(openpiConverted(family)));
    const made = await runs(convert({ input, output: join(directory, 'out'), to: 'openpi-pytorch' }));
    expect(await readAll(join(directory, 'out'))).toEqual(await readAll(theirs));
    expect(made.unread.map(({ name }) => name)).toEqual(['paligemma_with_expert.gemma_expert.lm_head.weight']);
    const read = await runs(convert({ input: theirs, output: join(directory, 'in'), to: 'torsor', heads }));
    expect(await readAll(join(directory, 'in'))).toEqual(await readAll(input));
    expect(read.unread).toEqual(made.unread);
  });
});

describe('examples', () => {
  it('LeRobot to openpi-PyTorch changes names alone', async () => {
    const [directory, input] = await modelFile('pi0');
    const [a, b, c] = ['a', 'b', 'c'].map((name) => join(directory, name));
    await runs(convert({ input, output: String(a), to: 'lerobot' }));
    await runs(convert({ input: String(a), output: String(b), to: 'openpi-pytorch', heads }));
    await runs(convert({ input, output: String(c), to: 'openpi-pytorch' }));
    expect(await readFile(join(String(b), 'model.safetensors'))).toEqual(
      await readFile(join(String(c), 'model.safetensors')),
    );
  });

  it('both names of the tied embedding are accepted when they agree, and refused when they differ', async () => {
    const [directory, input] = await modelFile('pi0');
    const both = new Map(floats(openpiConverted('pi0')).tensors);
    const kept = 'paligemma_with_expert.paligemma.lm_head.weight';
    const duplicate = 'paligemma_with_expert.paligemma.model.language_model.embed_tokens.weight';
    const head = both.get(kept);
    if (head === undefined) throw new Error(kept);
    both.set(duplicate, { ...head, data: head.data.slice() });
    const twice = await writeTensors(join(directory, 'twice.safetensors'), { tensors: both, metadata: {} });
    const out = join(directory, 'out');
    const report = await runs(convert({ input: twice, output: out, to: 'torsor', heads }));
    expect(report.tied).toEqual([[kept, duplicate]]);
    expect(await readAll(out)).toEqual(await readAll(input));
    both.set(duplicate, { ...head, data: head.data.slice().fill(1, 0, 1) });
    await writeTensors(twice, { tensors: both, metadata: {} });
    const options = { input: twice, output: join(directory, 'other'), to: 'torsor', heads } as const;
    expect(await fails(convert(options))).toMatchObject({ _tag: 'TiedDiffer', kept, duplicate });
  });

  it('infinities and NaN are named with their number, nothing is left behind, and a flag allows them', async () => {
    const directory = await temporaryDirectory();
    const name = 'PaliGemma/llm/layers/mlp/linear';
    const spoilt = changed(name, (elements) => elements.set([Number.NaN, Number.NEGATIVE_INFINITY], 3));
    const input = await writeTensors(join(directory, 'ours.safetensors'), spoilt);
    const output = join(directory, 'out');
    const error = await fails(convert({ input, output, to: 'openpi-pytorch' }));
    expect(error).toMatchObject({ _tag: 'NonFinite', tensors: [{ name, count: 2, elements: 160 }] });
    expect(showCheckpointError(error)).toContain(`${name} (2 of 160)`);
    expect(await readdir(directory)).toEqual(['ours.safetensors']);
    const report = await runs(convert({ input, output, to: 'openpi-pytorch', allowNonFinite: true }));
    expect(report.nonFinite).toEqual([{ name, count: 2, elements: 160 }]);
  });

  it('a number beyond the range of bf16 is not made infinite in silence', async () => {
    const directory = await temporaryDirectory();
    const name = 'action_in_proj/bias';
    const spoilt = changed(name, (elements) => elements.set([3.4e38], 1));
    const input = await writeTensors(join(directory, 'ours.safetensors'), spoilt);
    const options = { input, output: join(directory, 'out'), to: 'torsor', dtype: 'BF16' } as const;
    const error = await fails(convert(options));
    expect(error).toMatchObject({ _tag: 'NonFinite', narrowedTo: 'BF16', tensors: [{ name, count: 1, elements: 6 }] });
  });

  it('a checkpoint of ours is verified, and its manifest goes along', async () => {
    const directory = await temporaryDirectory();
    const path = await runs(saveCheckpoint(directory, contents(3)));
    const report = await runs(convert({ input: path, output: join(directory, 'out'), from: 'torsor', to: 'torsor' }));
    expect(report.source).toMatchObject({ createdBy: 'torsor 0.1.0', step: 3, dataset: { id: 'robot/sample' } });
    const bytes = await readFile(join(path, 'params.safetensors'));
    bytes[bytes.length - 1] = 7;
    await writeFile(join(path, 'params.safetensors'), bytes);
    const again = { input: path, output: join(directory, 'no'), from: 'torsor', to: 'torsor' } as const;
    expect(await fails(convert(again))).toMatchObject({ _tag: 'HashMismatch', file: 'params.safetensors' });
  });

  it('an existing output, a shard size of zero, unknown names and π0-FAST in openpi-PyTorch are refused', async () => {
    const [directory, input] = await modelFile('pi0-fast');
    const output = join(directory, 'out');
    const to = 'torsor';
    expect(await fails(convert({ input, output: directory, to }))).toMatchObject({ _tag: 'AlreadyExists' });
    const zero = { input, output, to, maxShardBytes: 0 } as const;
    expect(await fails(convert(zero))).toMatchObject({ _tag: 'BadOption', option: 'maxShardBytes' });
    expect(await fails(convert({ input, output, to: 'openpi-pytorch' }))).toEqual({
      _tag: 'NoNames',
      format: 'openpi-pytorch',
      family: 'pi0-fast',
    });
    const strange = { tensors: new Map([['a.b', fromTypedArray('F32', [1], Float32Array.of(1))]]), metadata: {} };
    const other = await writeTensors(join(directory, 'other.safetensors'), strange);
    expect(await fails(convert({ input: other, output, to }))).toMatchObject({ _tag: 'UnknownFormat' });
  });

  it('shapes other than those expected are named: another horizon or width is another model', async () => {
    const [directory, input] = await modelFile('pi0');
    const expected = new Map([...countedModel('pi0')].map(([name, { shape }]) => [name, shape]));
    expected.set('action_in_proj/kernel', [7, 6]);
    const options = { input, output: join(directory, 'out'), to: 'torsor', expected } as const;
    expect(showCheckpointError(await fails(convert(options)))).toContain(
      'action_in_proj/kernel: expected [7,6], found [5,6]',
    );
  });

  it('progress ends at the whole', async () => {
    const [directory, input] = await modelFile('pi0');
    const seen: number[] = [];
    await runs(
      convert({ input, output: join(directory, 'out'), to: 'lerobot' }, ({ bytesWritten, bytesTotal }) =>
        seen.push(bytesWritten / bytesTotal),
      ),
    );
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});
