import { type DataPosition, firstPosition, nextIndices } from '@torsor/data';
import { type ResumableTrainer, resumptionLaws, runLaws } from '@torsor/laws';
import { interval, type MetricLine } from '@torsor/metrics';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { firstHostState, type HostState } from '../../src/loop/host-state.js';
import { type LoopEnv, type TrainingEvent, type TrainState, trainLoop } from '../../src/loop/loop.js';
import { right } from '../right.js';

/** A model of one number, trained on a permutation of seven samples: small, but every state of it depends on all before. */
type Weight = number;

type World = {
  readonly env: LoopEnv<Weight, string>;
  readonly lines: MetricLine[];
  readonly events: TrainingEvent[];
  readonly checkpoints: Map<number, TrainState<Weight>>;
};

const world = (options: { readonly stopAt?: number; readonly fail?: string; readonly nanAt?: number } = {}): World => {
  const lines: MetricLine[] = [];
  const events: TrainingEvent[] = [];
  const checkpoints = new Map<number, TrainState<Weight>>();
  let seconds = 100;
  let done = 0;
  const left = (name: string): boolean => options.fail === name;
  const update = (weight: Weight, host: HostState) => {
    const { indices, position }: { indices: Uint32Array; position: DataPosition } = nextIndices(host.position, 3, 7, 5);
    const loss = indices.reduce((sum, sample) => sum + (weight - sample) ** 2, 0) / 3;
    const state = weight - 0.1 * (weight - (indices[0] ?? 0));
    done = host.step + 1;
    const shown = done === options.nanAt ? Number.NaN : loss;
    return {
      state,
      position,
      samples: () => [...indices].map((sample) => `0:${sample}`),
      measured: { loss: shown, grad_norm: loss / 2, learning_rate: 0.1, data_time: 0, samples: 3 },
    };
  };
  const env: LoopEnv<Weight, string> = {
    measures: interval,
    clock: () => seconds++,
    interrupted: () => done === options.stopAt,
    breathe: () => Promise.resolve(),
    report: (event) => void events.push(event),
    record: (line) => (left('record') ? E.left('disk full') : E.right(void lines.push(line))),
    update: (weight, host) => (left('update') ? TE.left('device lost') : TE.right(update(weight, host))),
    evaluate: (weight, step) => (left('evaluate') ? TE.left('no data') : TE.right({ step, 'eval/loss': weight })),
    save: (device, host) =>
      left('save') ? TE.left('no space') : TE.fromIO(() => void checkpoints.set(host.step, { device, host })),
  };
  return { env, lines, events, checkpoints };
};

const start = { device: 10, host: firstHostState };

const limits = { steps: 20, maxMinutes: null, logInterval: 4, evalInterval: 6, saveInterval: 5 };

const resumable: ResumableTrainer<TrainState<Weight>> = {
  steps: limits.steps,
  run: async (from, stopAt) => {
    const { env, lines, checkpoints } = world(stopAt === null ? {} : { stopAt });
    const state = right(await trainLoop(env, limits, from ?? start)());
    const saved = checkpoints.get(state.host.step);
    return { lines, saved: saved ?? expect.fail(`update ${state.host.step} was not saved`), state };
  },
};

describe('laws', () => runLaws(resumptionLaws(resumable, { numRuns: 40 }), it));

describe('a run', () => {
  it('logs, evaluates and saves when due, and at the end', async () => {
    const { env, lines, checkpoints } = world();
    const end = await trainLoop(env, { ...limits, steps: 13 }, start)();
    const at = (name: string) => lines.filter((line) => name in line).map((line) => line.step);
    expect(end).toMatchObject({ right: { ending: 'steps', host: { step: 13, position: { epoch: 5, offset: 4 } } } });
    expect([at('loss'), at('eval/loss'), at('checkpoint_step')]).toEqual([
      [4, 8, 12, 13],
      [6, 12, 13],
      [5, 10, 13],
    ]);
    expect([...checkpoints.keys()]).toEqual([5, 10, 13]);
  });

  it('writes the line of its updates first, then what was held out, then what it saved; each is reported as it is written', async () => {
    const { env, lines, events, checkpoints } = world();
    const written: string[] = [];
    const watched = {
      ...env,
      save: (device: Weight, host: HostState) => {
        written.push(...lines.map((line) => `${Object.keys(line)[1]} ${line.step}`));
        return env.save(device, host);
      },
    };
    const once = { ...limits, steps: 2, logInterval: 2, evalInterval: 2, saveInterval: 2 };
    const ended = right(await trainLoop(watched, once, start)());
    expect(written).toEqual(['loss 2', 'eval/loss 2']);
    // The clock is read before and after each update: a second.
    expect(lines).toEqual([
      {
        step: 2,
        loss: expect.any(Number),
        grad_norm: expect.any(Number),
        learning_rate: 0.1,
        time_per_step: 1,
        data_time: 0,
        samples_per_second: 3,
      },
      { step: 2, 'eval/loss': ended.device },
      { step: 2, checkpoint_step: 2 },
    ]);
    expect(checkpoints.get(2)).toEqual({ device: ended.device, host: ended.host });
    expect(ended.host).toMatchObject({ step: 2, interval: {} });
    expect(events.flatMap((event) => (event._tag === 'Metrics' ? [event.line] : []))).toEqual(lines);
  });

  it('lets signals in before every update, and none after the last', async () => {
    const { env, events } = world();
    let breaths = 0;
    const breathe = async (): Promise<void> => {
      breaths += 1;
      expect(events.filter(({ _tag }) => _tag === 'Progress')).toHaveLength(breaths - 1);
    };
    await trainLoop({ ...env, breathe }, { ...limits, steps: 3 }, start)();
    expect(breaths).toBe(3);
  });

  it('reports progress after every update, logged where a line is written', async () => {
    const { env, events } = world();
    await trainLoop(env, { ...limits, steps: 5 }, start)();
    const progress = events.flatMap((event) => (event._tag === 'Progress' ? [event] : []));
    expect(progress.map(({ step, logged }) => `${step}${logged ? '!' : ''}`)).toEqual(['1', '2', '3', '4!', '5!']);
    // A second an update, by two readings of the clock.
    expect(progress[1]).toMatchObject({
      ...{ _tag: 'Progress', step: 2, steps: 5, learningRate: 0.1, stepsPerSecond: 1, remainingSeconds: 3 },
    });
    expect(progress.at(-1)).toMatchObject({ step: 5, remainingSeconds: 0 });
  });

  it('ends when its time is up', async () => {
    const { env, lines } = world();
    // The clock is read once before the first update and three times for each: 6 s are over after the second.
    const end = await trainLoop(env, { ...limits, maxMinutes: 0.1 }, start)();
    expect(end).toMatchObject({ right: { ending: 'time', host: { step: 2 } } });
    expect(lines.map((line) => Object.keys(line)[1])).toEqual(['loss', 'eval/loss', 'checkpoint_step']);
  });

  it('that is already done does nothing', async () => {
    const { env, events } = world();
    const end = await trainLoop(env, limits, {
      device: 1,
      host: { ...firstHostState, step: 20, position: firstPosition },
    })();
    expect(end).toMatchObject({ right: { device: 1, ending: 'steps' } });
    expect(events).toEqual([]);
  });

  it('stops at a loss that is no number, and saves nothing after it', async () => {
    const { env, checkpoints } = world({ nanAt: 10 });
    expect(await trainLoop(env, limits, start)()).toMatchObject({
      left: { _tag: 'NonFinite', step: 10, what: 'loss' },
    });
    expect([...checkpoints.keys()]).toEqual([5]);
  });

  it.each([
    ['update', 'device lost'],
    ['evaluate', 'no data'],
    ['save', 'no space'],
    ['record', 'disk full'],
  ])('ends with the error of %s', async (fail, error) => {
    const { env, lines } = world({ fail });
    expect(await trainLoop(env, limits, start)()).toEqual(E.left(error));
    expect(lines.filter((line) => 'checkpoint_step' in line)).toHaveLength(fail === 'evaluate' ? 1 : 0);
  });

  it.each([
    ['loss', 4],
    ['eval/loss', 6],
    ['checkpoint_step', 5],
  ])('ends where the line of %s cannot be written', async (name, step) => {
    const { env, lines } = world();
    const record: typeof env.record = (line) => (name in line ? E.left('disk full') : env.record(line));
    expect(await trainLoop({ ...env, record }, limits, start)()).toEqual(E.left('disk full'));
    expect(Math.max(0, ...lines.map((line) => line.step))).toBeLessThanOrEqual(step);
  });
});
