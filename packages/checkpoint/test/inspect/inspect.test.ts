import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromTypedArray,
  heldTensors,
  inspectCheckpoint,
  inspectionJson,
  saveCheckpoint,
  showCheckpointError,
  showInspection,
} from '../../src/index.js';
import { nameTree } from '../../src/inspect/name-tree.js';
import { contents, fields } from '../contents.js';
import { convert } from '../convert/convert.js';
import { fails, floats, runs, temporaryDirectory, writeTensors } from '../convert/weights.js';
import { load } from '../fs/load.js';
import { countedModel, familyNames } from '../names/fixtures.js';

const saved = async (): Promise<string> => runs(saveCheckpoint(await temporaryDirectory(), contents(3)));

describe('laws', () => {
  it('the tree of names holds every tensor once, and its sums are those of the whole', () => {
    const name = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }).map((keys) => keys.join('/'));
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, fc.nat(9)), { selector: ([n]) => n }), (named) => {
        const tensors = named.map(([n, elements]) => ({
          ...{ name: n, file: '', dtype: 'F32' as const, shape: [elements] },
          ...{ elements, bytes: 4 * elements },
        }));
        const tree = nameTree(tensors);
        const names: string[] = [];
        const walk = (node: typeof tree): void => {
          if (node.tensor !== undefined) names.push(node.tensor.name);
          node.children.forEach(walk);
        };
        walk(tree);
        expect(names.sort()).toEqual(named.map(([n]) => n).sort());
        expect(tree.elements).toBe(tensors.reduce((sum, { elements }) => sum + elements, 0));
      }),
    );
  });
});

describe('a checkpoint of ours', () => {
  it('tells its tensors, files, hashes and provenance', async () => {
    const path = await saved();
    const inspection = await runs(inspectCheckpoint(path, familyNames, 'tensors'));
    expect(inspection).toMatchObject({
      kind: 'checkpoint',
      names: null,
      parameters: 6,
      provenance: { manifest: fields(3), conversion: null },
      notes: [],
    });
    expect(inspection.files.map(({ name }) => name)).toEqual(['params.safetensors', 'ema.safetensors', 'notes.txt']);
    const bias = inspection.tensors.find(({ name, file }) => name === 'head/bias' && file === 'params.safetensors');
    // `printf '\x00\x00\x80\x40\x00\x00\xa0\x40' | sha256sum`: 4 and 5 in little-endian f32.
    expect(bias).toMatchObject({
      ...{ dtype: 'F32', shape: [2], elements: 2, bytes: 8 },
      sha256: '84c4426d4f7c3fb46daf2e28151e2adbdb53091cd52dfbc76c7edf418b1ff65d',
    });
    const text = showInspection(inspection);
    for (const part of ['kernel  F32[2,2]  16 B', '"step": 3', 'params.safetensors: 2 tensors', '6 parameters'])
      expect(text).toContain(part);
    expect(JSON.parse(inspectionJson(inspection))).toEqual(inspection);
  });

  it('what does not agree is listed', async () => {
    const path = await saved();
    const file = join(path, 'ema.safetensors');
    const bytes = await readFile(file);
    bytes[bytes.length - 1] = 9;
    await writeFile(file, bytes);
    await writeFile(join(path, 'extra.txt'), '');
    await writeFile(join(path, 'notes.txt'), 'longer');
    const { notes } = await runs(inspectCheckpoint(path, familyNames));
    expect(notes).toEqual([
      'ema.safetensors has another SHA-256 than the manifest says: a byte changed',
      'notes.txt has 6 bytes, and the manifest says 2',
      'extra.txt is there and not in the manifest',
    ]);
    const { notes: quick } = await runs(inspectCheckpoint(path, familyNames, 'none'));
    expect(quick).toHaveLength(2);
  });
});

describe('other files', () => {
  it('a sharded set is one model, and its index is compared with it', async () => {
    const directory = await temporaryDirectory();
    const input = await writeTensors(join(directory, 'ours.safetensors'), floats(countedModel('pi05')));
    const output = join(directory, 'out');
    const made = await runs(convert({ input, output, to: 'lerobot', maxShardBytes: 2000 }));
    const inspection = await runs(inspectCheckpoint(output, familyNames));
    expect(inspection).toMatchObject({ kind: 'sharded', names: { format: 'lerobot', family: 'pi05' }, notes: [] });
    expect(inspection.parameters).toBe(made.parameters);
    expect(inspection.files.length).toBeGreaterThan(5);
    const index = join(output, 'model.safetensors.index.json');
    await writeFile(index, (await readFile(index, 'utf8')).replace(/"total_size": \d+/, '"total_size": 1'));
    const { notes } = await runs(inspectCheckpoint(output, familyNames, 'none'));
    expect(notes).toEqual([
      `model.safetensors.index.json counts 1 bytes of tensors, and the files hold ${made.parameters * 4}`,
    ]);
  });

  it('a directory without weights, and a path that is not there', async () => {
    const directory = await temporaryDirectory();
    expect(await fails(inspectCheckpoint(directory, familyNames))).toMatchObject({ _tag: 'MissingFile' });
    expect(await fails(inspectCheckpoint(join(directory, 'no'), familyNames))).toMatchObject({
      _tag: 'CannotRead',
      code: 'ENOENT',
    });
  });
});

describe('a checkpoint of another model', () => {
  it('another horizon, which no shape shows, is named by its place in the configuration', async () => {
    const path = await saved();
    await runs(load(path, { config: { model: { width: 64 } } }));
    const error = await fails(load(path, { config: { model: { width: 128 } } }));
    expect(showCheckpointError(error)).toContain('model.width: expected 128, found 64');
  });

  it('a tokenizer of another vocabulary is named with both sizes', async () => {
    const embedding = fromTypedArray('BF16', [3, 1], Uint16Array.of(0x3f80, 0, 0xbf80));
    const params = { tensors: new Map([['PaliGemma/llm/embedder/input_embedding', embedding]]), metadata: {} };
    const files = { 'params.safetensors': heldTensors(params) };
    const path = await runs(saveCheckpoint(await temporaryDirectory(), { manifest: fields(1), files }));
    const loaded = await runs(load(path, { vocabSize: 3 }));
    // Frozen parameters are stored in bf16: they come back bit for bit.
    const tensor = loaded.tensors.get('params.safetensors')?.get('PaliGemma/llm/embedder/input_embedding');
    expect(tensor).toMatchObject({ dtype: 'BF16', shape: [3, 1] });
    expect(tensor?.elements).toEqual(Uint16Array.of(0x3f80, 0, 0xbf80));
    const error = await fails(load(path, { vocabSize: 4 }));
    expect(error).toEqual({ _tag: 'VocabularyMismatch', path, checkpoint: 3, tokenizer: 4 });
    expect(showCheckpointError(error)).toContain('3 token embeddings and the tokenizer 4 tokens');
  });
});
