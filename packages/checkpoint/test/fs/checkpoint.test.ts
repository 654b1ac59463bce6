import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { CheckpointError } from '../../src/index.js';
import {
  latestCheckpoint,
  listCheckpoints,
  pruneCheckpoints,
  saveCheckpoint,
  showCheckpointError,
  toFloat32,
} from '../../src/index.js';
import { contents, fields, params } from '../contents.js';
import { load } from './load.js';

const root = mkdtempSync(join(tmpdir(), 'torsor-checkpoint-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let run = '';
let serial = 0;
beforeEach(() => {
  serial += 1;
  run = join(root, String(serial));
});

const succeed = async <A>(effect: () => Promise<E.Either<CheckpointError, A>>): Promise<A> => {
  const result = await effect();
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const refusal = async <A>(effect: () => Promise<E.Either<CheckpointError, A>>): Promise<CheckpointError> => {
  const result = await effect();
  if (E.isRight(result)) throw new Error('expected a refusal');
  expect(showCheckpointError(result.left).length).toBeGreaterThan(20);
  return result.left;
};

const save = (step: number): Promise<string> => succeed(saveCheckpoint(run, contents(step)));

describe('saveCheckpoint and withCheckpoint', () => {
  it('gives back what was saved', async () => {
    const path = await save(7);
    expect(path).toBe(join(run, 'checkpoints', '00000007'));
    const loaded = await succeed(load(path));
    expect(loaded.manifest).toMatchObject({ ...fields(7), formatVersion: 1 });
    const kernel = loaded.tensors.get('ema.safetensors')?.get('head/kernel');
    expect(kernel && toFloat32(kernel)).toEqual(E.right(Float32Array.of(8, 1, 2, 3)));
    expect([...loaded.files]).toEqual([['notes.txt', Uint8Array.of(104, 105)]]);
    expect(loaded.extraFiles).toEqual([]);
  });

  it('refuses a changed byte anywhere, by the file that has it', async () => {
    const path = await save(1);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('params.safetensors', 'ema.safetensors', 'notes.txt', 'manifest.json'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (file, at, mask) => {
          const whole = readFileSync(join(path, file));
          const changed = Uint8Array.from(whole);
          changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ mask;
          writeFileSync(join(path, file), changed);
          expect(await refusal(load(path))).toEqual({ _tag: 'HashMismatch', path, file });
          writeFileSync(join(path, file), whole);
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each(['params.safetensors', 'notes.txt'])('refuses a truncated %s', async (file) => {
    const path = await save(1);
    truncateSync(join(path, file), 1);
    expect(await refusal(load(path))).toMatchObject({ _tag: 'SizeDiffers', file, actual: 1 });
  });

  it.each(['params.safetensors', 'manifest.json'])('refuses a missing %s', async (file) => {
    const path = await save(1);
    rmSync(join(path, file));
    expect(await refusal(load(path))).toEqual({ _tag: 'MissingFile', path, file });
  });

  it('lists files that nobody saved', async () => {
    const path = await save(1);
    writeFileSync(join(path, 'x.bin'), 'x');
    expect((await succeed(load(path))).extraFiles).toEqual(['x.bin']);
  });

  it('refuses a directory that is no checkpoint', async () => {
    expect(await refusal(load(join(run, 'none')))).toMatchObject({
      _tag: 'MissingFile',
      file: 'manifest.json',
    });
  });

  it('never overwrites', async () => {
    const path = await save(1);
    expect(await refusal(saveCheckpoint(run, contents(1)))).toEqual({ _tag: 'AlreadyExists', path });
  });

  it('names the path that cannot be written', async () => {
    writeFileSync(run, 'a file');
    expect(await refusal(saveCheckpoint(run, contents(1)))).toMatchObject({ path: join(run, 'checkpoints') });
  });
});

describe('expectations', () => {
  it('accepts the same architecture and statistics', async () => {
    const path = await save(1);
    const { normalisation: normalization } = fields(1);
    await succeed(load(path, { architecture: params(9).tensors, normalization }));
  });

  it('names missing, unexpected and mis-shaped parameters, with the nearest name', async () => {
    const path = await save(1);
    const architecture = new Map([
      ['head/kernels', { dtype: 'F32', shape: [2, 2] }],
      ['head/bias', { dtype: 'BF16', shape: [3] }],
    ] as const);
    const error = await refusal(load(path, { architecture }));
    expect(error).toMatchObject({
      _tag: 'ArchitectureMismatch',
      difference: {
        missing: ['head/kernels'],
        unexpected: ['head/kernel'],
        misshaped: [{ name: 'head/bias', expected: 'BF16[3]', actual: 'F32[2]' }],
      },
    });
    expect(showCheckpointError(error)).toContain('head/kernel (nearest missing: head/kernels)');
  });

  it('names the statistic that differs', async () => {
    const path = await save(1);
    const normalization = { mode: 'quantile', statistics: { state: { mean: [0.5, -2], std: [1, 2] } } };
    expect(await refusal(load(path, { normalization }))).toMatchObject({
      _tag: 'StatisticsMismatch',
      differences: [
        { path: 'mode', expected: '"quantile"', actual: '"mean_std"' },
        { path: 'statistics.state.mean.1', expected: '-2', actual: '-1' },
      ],
    });
  });
});

describe('refused contents', () => {
  it.each([
    [
      'a NaN in the statistics',
      { ...fields(1), normalisation: { mode: 'x', statistics: { a: [Number.NaN] } } },
      'normalisation.statistics.a.0',
    ],
    ['a negative step', fields(-1), 'step'],
    ['a key beyond 32 bits', { ...fields(1), key: [0, 2 ** 32] as const }, 'key'],
  ])('%s', async (_, manifest, field) => {
    expect(await refusal(saveCheckpoint(run, { ...contents(1), manifest }))).toMatchObject({
      _tag: 'BadManifest',
      field,
    });
  });

  it.each(['../x', 'a/b', 'manifest.json', '.x'])('a file named %s', async (name) => {
    const files = { ...contents(1).files, [name]: Uint8Array.of(1) };
    expect(await refusal(saveCheckpoint(run, { ...contents(1), files }))).toMatchObject({
      _tag: 'BadManifest',
      field: 'files',
    });
  });

  it('no parameters', async () => {
    expect(await refusal(saveCheckpoint(run, { manifest: fields(1), files: {} }))).toMatchObject({
      _tag: 'MissingFile',
      file: 'params.safetensors',
    });
  });
});

describe('listing, latest and pruning', () => {
  it('reports leftovers and unknown names, and a run without checkpoints', async () => {
    expect(await succeed(listCheckpoints(run))).toEqual({ checkpoints: [], leftovers: [], unknown: [] });
    await save(10);
    await save(2);
    const parent = join(run, 'checkpoints');
    mkdirSync(join(parent, '00000011.tmp'));
    mkdirSync(join(parent, '12'));
    expect(await succeed(listCheckpoints(run))).toEqual({
      checkpoints: [2, 10].map((step) => ({ step, path: join(parent, `0000000${step}`.slice(-8).padStart(8, '0')) })),
      leftovers: [join(parent, '00000011.tmp')],
      unknown: [join(parent, '12')],
    });
  });

  it('falls back to the newest whole checkpoint and says why', async () => {
    await save(1);
    const two = await save(2);
    const three = await save(3);
    truncateSync(join(three, 'ema.safetensors'), 3);
    rmSync(join(two, 'manifest.json'));
    expect(await succeed(latestCheckpoint(run))).toMatchObject({
      step: 1,
      skipped: [
        { _tag: 'SizeDiffers', path: three },
        { _tag: 'MissingFile', path: two },
      ],
    });
  });

  it('says so when no checkpoint is whole', async () => {
    const one = await save(1);
    renameSync(join(one, 'params.safetensors'), join(one, 'p'));
    expect(await refusal(latestCheckpoint(run))).toMatchObject({
      _tag: 'NoCheckpoint',
      skipped: [{ file: 'params.safetensors' }],
    });
  });

  it('prunes to the newest and the periodic ones', async () => {
    for (const step of [1, 2, 3, 4, 5]) await save(step);
    const removed = await succeed(pruneCheckpoints(run, { keep: 1, keepPeriod: 2 }));
    expect(removed).toEqual([1, 3].map((step) => join(run, 'checkpoints', `0000000${step}`)));
    const left = await succeed(listCheckpoints(run));
    expect(left.checkpoints.map(({ step }) => step)).toEqual([2, 4, 5]);
    expect(left.leftovers).toEqual([]);
  });
});
