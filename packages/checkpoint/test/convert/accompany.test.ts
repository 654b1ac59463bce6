import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  convertCheckpoint,
  heldTensors,
  inspectCheckpoint,
  saveCheckpoint,
  showCheckpointError,
  unaccompanied,
} from '../../src/index.js';
import { fields } from '../contents.js';
import { countedModel, familyNames } from '../names/fixtures.js';
import { convert } from './convert.js';
import { fails, floats, readAll, runs, temporaryDirectory, writeTensors } from './weights.js';

const scaled = (names: readonly string[], prefix: string, factor: number) =>
  floats(
    new Map(
      [...countedModel('pi0')].flatMap(([name, { shape, elements }]) =>
        names.includes(name) ? [[prefix + name, { shape, elements: elements.map((x) => factor * x) }]] : [],
      ),
    ),
  );

const all = [...countedModel('pi0').keys()];

/** A checkpoint with averages, twice as large as the parameters, of some of them. */
const saved = async (averages: readonly string[]): Promise<readonly [directory: string, path: string]> => {
  const directory = await temporaryDirectory();
  const path = await runs(
    saveCheckpoint(directory, {
      manifest: fields(7),
      files: {
        'params.safetensors': heldTensors(scaled(all, '', 1)),
        'train_state.safetensors': heldTensors(scaled(averages, 'ema/', 2)),
        'notes.txt': new TextEncoder().encode('hello'),
      },
    }),
  );
  return [directory, path];
};

const overlay = { file: 'train_state.safetensors', prefix: 'ema/' };

describe('averages', () => {
  it('stand for the parameters that have them, and no others', async () => {
    const averages = all.slice(3, 9);
    const [directory, path] = await saved(averages);
    const output = join(directory, 'out');
    const report = await runs(convert({ input: path, output, to: 'torsor', overlay }));
    expect(report.averaged).toBe(6);
    const expected = new Map([...scaled(all, '', 1).tensors, ...scaled(averages, '', 2).tensors]);
    const reference = await writeTensors(join(directory, 'r.safetensors'), { tensors: expected, metadata: {} });
    expect(await readAll(output)).toEqual(await readAll(reference));
    const live = await runs(convert({ input: path, output: join(directory, 'live'), to: 'torsor' }));
    expect(live.averaged).toBe(0);
  });

  it('of what is no parameter are refused', async () => {
    const directory = await temporaryDirectory();
    const path = await runs(
      saveCheckpoint(directory, {
        manifest: fields(7),
        files: {
          'params.safetensors': heldTensors(scaled(all.slice(1), '', 1)),
          'train_state.safetensors': heldTensors(scaled(all.slice(0, 1), 'ema/', 2)),
        },
      }),
    );
    const error = await fails(convert({ input: path, output: join(directory, 'out'), to: 'torsor', overlay }));
    expect(error).toMatchObject({ _tag: 'NamesDisagree', difference: { unused: [`ema/${all[0]}`] } });
  });
});

describe('what goes with the weights', () => {
  const options = (path: string, output: string) =>
    ({ input: path, output, to: 'lerobot', families: familyNames }) as const;

  it('is written beside them, in folders of its own, and is part of the report', async () => {
    const [directory, path] = await saved([]);
    const output = join(directory, 'out');
    const report = await runs(
      convertCheckpoint({
        ...options(path, output),
        accompany: ({ manifest }) =>
          E.right({
            ...unaccompanied,
            files: { 'assets/x/norm_stats.json': new TextEncoder().encode(`${manifest.step}`) },
            copies: { 'said/notes.txt': 'notes.txt' },
            notes: ['read me'],
          }),
      }),
    );
    expect(report.notes).toEqual(['read me']);
    expect(Object.keys(report.files)).toEqual(['model.safetensors', 'assets/x/norm_stats.json', 'said/notes.txt']);
    expect(await readFile(join(output, 'assets/x/norm_stats.json'), 'utf8')).toBe('7');
    expect(await readFile(join(output, 'said/notes.txt'), 'utf8')).toBe('hello');
  });

  it('may refuse the conversion, which leaves nothing', async () => {
    const [directory, path] = await saved([]);
    const refused = await convertCheckpoint({
      ...options(path, join(directory, 'out')),
      accompany: () => E.left('no' as const),
    })();
    expect(refused).toEqual(E.left('no'));
  });
});

describe('refusals', () => {
  it('a model without an image tower cannot become one of another library', async () => {
    const directory = await temporaryDirectory();
    const blind = all.filter((name) => !name.startsWith('PaliGemma/img/'));
    const input = await writeTensors(join(directory, 'a.safetensors'), scaled(blind, '', 1));
    const error = await fails(convert({ input, output: join(directory, 'out'), to: 'lerobot' }));
    expect(showCheckpointError(error)).toContain('was trained without cameras');
  });

  it('two models in one folder are never chosen between, wherever they are opened', async () => {
    const directory = await temporaryDirectory();
    const input = await writeTensors(join(directory, 'a.safetensors'), scaled(all, '', 1));
    const folder = join(directory, 'sharded');
    await runs(convert({ input, output: folder, to: 'lerobot', maxShardBytes: 2000 }));
    await runs(inspectCheckpoint(folder, familyNames));
    await writeTensors(join(folder, 'policy_preprocessor_step_5_normalizer_processor.safetensors'), scaled([], '', 1));
    await runs(inspectCheckpoint(folder, familyNames));
    const whole = await writeTensors(join(folder, 'model.safetensors'), scaled(all, '', 2));
    for (const refused of [
      await fails(inspectCheckpoint(folder, familyNames)),
      await fails(convert({ input: folder, output: join(directory, 'out'), to: 'torsor' })),
    ]) {
      expect(refused).toMatchObject({
        _tag: 'SeveralWeights',
        candidates: ['model.safetensors', 'model.safetensors.index.json'],
      });
      expect(showCheckpointError(refused)).toContain('give the path of the one that is meant');
    }
    expect(await runs(inspectCheckpoint(whole, familyNames))).toMatchObject({ kind: 'single' });
    const index = join(folder, 'model.safetensors.index.json');
    expect(await runs(inspectCheckpoint(index, familyNames))).toMatchObject({ kind: 'sharded' });
  });
});
