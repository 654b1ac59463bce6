import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Buffer, referenceBackend, showBackendError } from '@torsor/backend';
import { saveCheckpoint, withLatestCheckpoint } from '@torsor/checkpoint';
import { nextIndices } from '@torsor/data';
import { type ResumableTrainer, resumptionLaws, runLaws } from '@torsor/laws';
import { interval, type MetricLine } from '@torsor/metrics';
import { getTree, putTree, releaseTree } from '@torsor/policy';
import { add, mul, program, reduceSum, sub, TensorValue, tensorType } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstHostState } from '../../src/loop/host-state.js';
import { type LoopEnv, type TrainState, trainLoop } from '../../src/loop/loop.js';
import { checkpointContents, restoredOnDevice } from '../../src/saving/saved-state.js';
import { stepOnDevice } from '../../src/update/step.js';
import { right } from '../right.js';

const vector = tensorType('f32', [3]);

/** w ← w − 0.1 m, m ← 0.5 m + (w − x): a parameter and an optimizer's memory of it. */
const step = right(
  program({ state: { params: { w: vector }, others: { m: vector } }, batch: { x: vector } }, ({ state, batch }) => {
    const off = sub(state.params.w, batch.x);
    const m = add(mul(state.others.m, 0.5), off);
    const w = sub(state.params.w, mul(m, 0.1));
    return { state: { params: { w }, others: { m } }, metrics: { loss: reduceSum(mul(off, off), [0]) } };
  }),
);

const f32 = (...values: number[]): TensorValue =>
  new TensorValue(tensorType('f32', [values.length]), Float32Array.from(values));

const branch = (tree: Tree<Buffer>, key: string): Tree<Buffer> => Object(tree)[key];

const manifest = {
  createdBy: 'test',
  config: {},
  normalisation: { mode: 'mean_std', statistics: {} },
  dataset: { id: 'none', splitHash: '-' },
  key: [0, 1],
} as const;

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-resume-'));
});

afterEach(() => rm(dir, { recursive: true }));

const limits = { steps: 9, maxMinutes: null, logInterval: 4, evalInterval: 100, saveInterval: 100 };

const session = (run: string, stopAt: number) => {
  const backend = referenceBackend();
  const executable = right(E.of(backend.compile(step)));
  const lines: MetricLine[] = [];
  let done = 0;
  const env = async (): Promise<LoopEnv<Tree<Buffer>, string>> => {
    const update = stepOnDevice({ backend, specOf: () => [] }, right(await executable()));
    return {
      measures: interval,
      clock: () => 0,
      interrupted: () => done === stopAt,
      breathe: () => Promise.resolve(),
      report: () => undefined,
      record: (line) => E.right(void lines.push(line)),
      update: (state, host) => {
        const { indices, position } = nextIndices(host.position, 3, 5, 1);
        return pipe(
          update(state, { x: f32(...indices) }),
          TE.bimap(showBackendError, ({ state: next, metrics }) => {
            done = host.step + 1;
            const loss = metrics['loss'] ?? Number.NaN;
            return {
              state: next,
              position,
              samples: () => [],
              measured: { loss, learning_rate: 0.1, data_time: 0, samples: 3 },
            };
          }),
        );
      },
      evaluate: (_, at) => TE.right({ step: at }),
      save: (state, host) =>
        pipe(
          TE.fromEither(
            checkpointContents(
              backend.get,
              { params: branch(state, 'params'), others: branch(state, 'others'), host },
              { ...manifest, step: host.step, position: host.position },
              null,
              interval,
            ),
          ),
          TE.flatMap((contents) => saveCheckpoint(run, contents)),
          TE.bimap(JSON.stringify, () => undefined),
        ),
    };
  };
  return { backend, env, lines };
};

const restore = async (
  run: string,
  backend: ReturnType<typeof referenceBackend>,
): Promise<TrainState<Tree<Buffer>>> => {
  const restoring = withLatestCheckpoint(run)((checkpoint) =>
    restoredOnDevice((value) => backend.put(value), checkpoint, interval),
  );
  const { host, ...device } = right(await restoring());
  return { device, host };
};

const begin = async (backend: ReturnType<typeof referenceBackend>): Promise<TrainState<Tree<Buffer>>> => ({
  device: right(
    await putTree({ backend, specOf: () => [] })({ params: { w: f32(1, 2, 3) }, others: { m: f32(0, 0, 0) } })(),
  ),
  host: firstHostState,
});

let runs = 0;

/** From what is on disk alone: each part has a backend of its own. */
const resumable: ResumableTrainer<string> = {
  steps: limits.steps,
  run: async (from, stopAt) => {
    runs += 1;
    const run = from ?? join(dir, `run-${runs}`);
    const { backend, env, lines } = session(run, stopAt ?? -1);
    const first = from === null ? await begin(backend) : await restore(run, backend);
    const { device, host } = right(await trainLoop(await env(), limits, first)());
    return { lines, saved: run, state: { device: right(await getTree(backend)(device)()), host } };
  },
};

describe('a run on disk', () => runLaws(resumptionLaws(resumable), it));

it('as many buffers are alive after many updates as after one, and none after all are released', async () => {
  const { backend, env } = session(join(dir, 'run'), -1);
  const alive = async (steps: number): Promise<number> => {
    const end = right(
      await trainLoop(
        { ...(await env()), save: () => TE.right(undefined) },
        { ...limits, steps },
        await begin(backend),
      )(),
    );
    const { buffers } = backend.memory();
    right(await releaseTree(backend)(end.device)());
    return buffers;
  };
  expect([await alive(1), await alive(50), backend.memory().buffers]).toEqual([2, 2, 0]);
});
