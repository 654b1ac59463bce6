import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Backend, type BackendError, type Buffer, referenceBackend } from '@torsor/backend';
import { listCheckpoints, saveCheckpoint, withCheckpoint } from '@torsor/checkpoint';
import { interval } from '@torsor/metrics';
import { getTree, placementOn, putTree } from '@torsor/policy';
import { fromFloat64, type TensorValue, tensorType } from '@torsor/tensor';
import type { Tree, TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterAll, describe, expect, it } from 'vitest';
import type { HostState } from '../../src/loop/host-state.js';
import { type Retention, restoredState, resumeState, saveState } from '../../src/saving/checkpoints.js';
import { manifestOf, type RunIdentity } from '../../src/saving/identity.js';
import { architectureOf, checkpointContents } from '../../src/saving/saved-state.js';
import type { LearnedState } from '../../src/update/program.js';
import { done, right } from '../right.js';

const root = mkdtempSync(join(tmpdir(), 'torsor-checkpoints-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const identity: RunIdentity = {
  config: {},
  seed: 3,
  normalization: { mode: 'mean_std', statistics: { state: { mean: [1], std: [2] } } },
  dataset: { id: 'd', splitHash: 's' },
  createdBy: 'a test',
  fast: null,
};

const pair = tensorType('f32', [2]);
const types = { a: { kernel: pair }, b: tensorType('bf16', [2]) };
const first = { a: { kernel: fromFloat64(pair, [1, 2]) }, b: fromFloat64(types.b, [3, 4]) };
const averages = { a: { kernel: fromFloat64(pair, [5, 6]) } };
const moments = { 0: { count: fromFloat64(tensorType('i32'), [9]) }, 1: { mu: fromFloat64(pair, [7, 8]) } };

const hostAt = (step: number): HostState => ({
  step,
  position: { epoch: 1, offset: step },
  interval: interval.step(interval.empty, { loss: step }),
});

type Values = { readonly params: Tree<TensorValue>; readonly ema: TreeNode<TensorValue>; readonly optimizer: object };

const opened = (name: string, more: Partial<Retention> = {}) => {
  const backend = referenceBackend();
  const put: string[] = [];
  const placement = {
    backend,
    specOf: (path: string) => {
      put.push(path);
      return [];
    },
  };
  const out = join(root, name);
  const retention: Retention = { out, keepLast: 9, keepPeriod: null, ...more };
  return {
    backend,
    placement,
    put,
    out,
    state: async ({ params, ema, optimizer }: Values): Promise<LearnedState<Buffer>> => ({
      params: await done(putTree(placementOn(backend, 0))(params)),
      ema: await done(putTree(placementOn(backend, 0))(ema)),
      optimizer: (await done(putTree(placementOn(backend, 0))(optimizer as Values['ema']))) as TreeNode<Buffer>,
    }),
    save: (state: LearnedState<Buffer>, step: number, run = identity) =>
      saveState(placement, run, retention, interval)(state, hostAt(step))(),
    resume: (run = identity, of: Tree<typeof pair> = types) => resumeState(placement, run, out, of, interval)(),
    steps: async () => (await done(listCheckpoints(out))).checkpoints.map(({ step }) => step),
    folder: async (step: number) =>
      (await done(listCheckpoints(out))).checkpoints.find((found) => found.step === step)?.path ?? '',
  };
};

const whole = { params: first, ema: averages, optimizer: moments };

describe('a state saved and resumed', () => {
  it('is the same on another device, bit for bit, each part by its path', async () => {
    const { save, state } = opened('same');
    right(await save(await state(whole), 4));
    const other = opened('same');
    const resumed = right(await other.resume());
    expect(right(await getTree(other.backend)(resumed.state.device)())).toEqual(whole);
    expect(resumed.state.host).toEqual(hostAt(4));
    expect(resumed).toMatchObject({ path: await other.folder(4), skipped: [] });
    expect(other.put.toSorted()).toEqual([
      'ema/a/kernel',
      'optimizer/0/count',
      'optimizer/1/mu',
      'params/a/kernel',
      'params/b',
    ]);
  });

  it('has no averages and no optimizer state where there are none', async () => {
    const { save, state, resume, backend } = opened('bare');
    right(await save(await state({ params: first, ema: {}, optimizer: {} }), 1));
    const { device } = right(await resume()).state;
    expect(right(await getTree(backend)(device)())).toEqual({ params: first, ema: {}, optimizer: {} });
  });

  it('is taken from a checkpoint that is open', async () => {
    const { save, state, folder, placement, backend } = opened('open');
    right(await save(await state(whole), 2));
    const restored = await withCheckpoint(await folder(2))((checkpoint) =>
      restoredState(placement, checkpoint, interval),
    )();
    expect(right(await getTree(backend)(right(restored).device)())).toEqual(whole);
    expect(right(restored).host).toEqual(hostAt(2));
  });

  it('leaves nothing on a device that refuses a part of it', async () => {
    const { save, state, folder, placement, backend } = opened('full');
    right(await save(await state(whole), 2));
    const held = backend.memory().buffers;
    const failure: BackendError = { _tag: 'RuntimeFailure', backend: 'reference', during: 'a test', message: 'full' };
    let puts = 0;
    const put: Backend['put'] = (value, spec) => (++puts > 2 ? TE.left(failure) : backend.put(value, spec));
    const full = { ...placement, backend: { ...backend, put } };
    const restored = await withCheckpoint(await folder(2))((checkpoint) => restoredState(full, checkpoint, interval))();
    expect(restored).toEqual(E.left({ _tag: 'Backend', error: failure }));
    expect([puts, backend.memory().buffers]).toEqual([3, held]);
  });

  it('goes on from the newest whole checkpoint, and says what it passed over', async () => {
    const { save, state, resume, folder } = opened('damaged');
    const device = await state(whole);
    for (const step of [1, 2]) right(await save(device, step));
    truncateSync(join(await folder(2), 'params.safetensors'), 9);
    const { state: found, path, skipped } = right(await resume());
    expect([found.host.step, path]).toEqual([1, await folder(1)]);
    expect(skipped).toEqual([expect.stringContaining('params.safetensors')]);
  });

  it('says which parts the device refused, and what the disk lacks', async () => {
    const { backend, save, state, resume } = opened('refused');
    const device = await state(whole);
    right(await backend.release([device.params].flatMap((tree) => Object(tree).b))());
    expect(await save(device, 1)).toMatchObject({ left: { _tag: 'Backend', error: { _tag: 'ReleasedBuffer' } } });
    expect(await resume()).toMatchObject({ left: { _tag: 'Checkpoint', error: { _tag: 'NoCheckpoint' } } });
  });
});

describe('what is resumed', () => {
  it('must be of the same architecture and the same statistics', async () => {
    const { save, state, resume } = opened('other');
    right(await save(await state(whole), 1));
    for (const of of [{ ...types, b: pair }, { ...types, a: { kernel: tensorType('f32', [3]) } }, { a: types.a }]) {
      expect(await resume(identity, of)).toMatchObject({
        left: { _tag: 'Checkpoint', error: { _tag: 'ArchitectureMismatch' } },
      });
    }
    const normalization = { mode: 'mean_std', statistics: { state: { mean: [1], std: [3] } } };
    expect(await resume({ ...identity, normalization })).toMatchObject({
      left: { _tag: 'Checkpoint', error: { _tag: 'StatisticsMismatch' } },
    });
  });

  it('must have a host state, of this form', async () => {
    const { backend, state, out, resume } = opened('host');
    const { params, ema, optimizer } = await state(whole);
    const { manifest, files } = right(
      checkpointContents(
        backend.get,
        { params, others: { ema, optimizer }, host: hostAt(1) },
        manifestOf(identity, hostAt(1)),
        null,
        interval,
      ),
    );
    const { 'host_state.json': _, ...without } = files;
    right(await saveCheckpoint(out, { manifest, files: without })());
    expect(await resume()).toMatchObject({
      left: { _tag: 'Checkpoint', error: { _tag: 'MissingFile', file: 'host_state.json' } },
    });
    const bad = { ...files, 'host_state.json': new TextEncoder().encode('{"step":-1}') };
    right(await saveCheckpoint(out, { manifest: { ...manifest, step: 2 }, files: bad })());
    expect(await resume()).toMatchObject({
      left: { _tag: 'Checkpoint', error: { _tag: 'BadManifest', field: 'host_state.json' } },
    });
  });
});

describe('checkpoints', () => {
  it('are the newest ones', async () => {
    const { save, state, steps } = opened('newest', { keepLast: 2 });
    const device = await state(whole);
    for (const step of [1, 2, 3, 4, 5]) right(await save(device, step));
    expect(await steps()).toEqual([4, 5]);
  });

  it('are those of a period too', async () => {
    const { save, state, steps } = opened('period', { keepLast: 1, keepPeriod: 2 });
    const device = await state(whole);
    for (const step of [1, 2, 3, 4, 5]) right(await save(device, step));
    expect(await steps()).toEqual([2, 4, 5]);
  });

  it('hold the tokenizer of action chunks where the policy has one', async () => {
    const { save, state, folder } = opened('fast');
    const device = await state(whole);
    right(await save(device, 1));
    const fast = { 'processor_config.json': '{"scale":10}', 'tokenizer.json': '{}' };
    right(await save(device, 2, { ...identity, fast }));
    const plain = ['host_state.json', 'manifest.json', 'params.safetensors', 'train_state.safetensors'];
    expect(readdirSync(await folder(1)).toSorted()).toEqual(plain);
    const [config, tokenizer] = ['fast_processor_config.json', 'fast_tokenizer.json'];
    expect(readdirSync(await folder(2)).toSorted()).toEqual([config, tokenizer, ...plain]);
    expect(readFileSync(join(await folder(2), config), 'utf8')).toBe('{"scale":10}');
  });

  it('are not made of parameters whose paths are ambiguous', async () => {
    const { save, state } = opened('ambiguous');
    const { a, b } = first;
    const device = await state({ ...whole, params: { 'a/kernel': b, a } });
    expect(await save(device, 1)).toMatchObject({ left: { _tag: 'Checkpoint', error: { _tag: 'BadTree' } } });
    const others = await state({ ...whole, ema: { 'a/kernel': b, a } });
    expect(E.isLeft(await save(others, 1))).toBe(true);
  });
});

describe('architectureOf', () => {
  it('is names, dtypes and shapes', () => {
    expect([...architectureOf(types)]).toEqual([
      ['a/kernel', { dtype: 'F32', shape: [2] }],
      ['b', { dtype: 'BF16', shape: [2] }],
    ]);
  });
});
