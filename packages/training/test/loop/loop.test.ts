import { type DataPosition, firstPosition, nextIndices } from '@torsor/data';
import { interval, type MetricLine } from '@torsor/metrics';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { firstHostState, type HostState } from '../../src/loop/host-state.js';
import { type LoopEnv, type TrainingEvent, type TrainState, trainLoop } from '../../src/loop/loop.js';
import { withSaves } from '../saves.js';

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
  let seconds = 0;
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

/** Lines without what differs between two runs of the same updates: times. */
const comparable = (lines: readonly MetricLine[]): readonly object[] =>
  lines.map(({ time_per_step: _, samples_per_second: __, data_time: ___, ...line }) => line);

describe('laws', () => {
  it('interrupted after any update and continued, a run makes the same updates and the same lines', async () => {
    const whole = world();
    const wholeEnd = await trainLoop(whole.env, limits, start)();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 19 }), async (stopAt) => {
        const first = world({ stopAt });
        expect(await trainLoop(first.env, limits, start)()).toMatchObject({ right: { ending: 'interrupted' } });
        const second = world();
        const saved = first.checkpoints.get(stopAt) ?? start;
        const end = await trainLoop(second.env, limits, saved)();
        expect(comparable([...first.lines, ...second.lines])).toEqual(comparable(withSaves(whole.lines, [stopAt])));
        expect(E.isRight(end) && end.right.device).toBe(E.isRight(wholeEnd) && wholeEnd.right.device);
      }),
    );
  });
});

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

  it('reports progress after every update, logged where a line is written', async () => {
    const { env, events } = world();
    await trainLoop(env, { ...limits, steps: 5 }, start)();
    const progress = events.flatMap((event) =>
      event._tag === 'Progress' ? [`${event.step}${event.logged ? '!' : ''}`] : [],
    );
    expect(progress).toEqual(['1', '2', '3', '4!', '5!']);
  });

  it('ends when its time is up', async () => {
    const { env } = world();
    const end = await trainLoop(env, { ...limits, maxMinutes: 0.1 }, start)();
    expect(end).toMatchObject({ right: { ending: 'time' } });
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
    expect(await trainLoop(world({ fail }).env, limits, start)()).toEqual(E.left(error));
  });
});
