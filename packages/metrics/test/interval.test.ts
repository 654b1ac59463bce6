import { monoidLaws, runLaws, savedReducerLaws } from '@torsor/laws';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { describe, expect, it } from 'vitest';
import {
  contramap,
  decodeFirstInterval,
  decodeInterval,
  encodeInterval,
  interval,
  intervalLine,
  type Measured,
  type MetricLine,
  makeInterval,
  maximum,
  mean,
  metric,
  reading,
  readingOf,
  reduce,
  showMetricsError,
  weightedMean,
} from '../src/index.js';
import { anyValue, jsonText } from './values.js';

const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

const step = fc.record(
  {
    loss: positive,
    loss_real_dims: positive,
    grad_norm: positive,
    param_norm: positive,
    learning_rate: positive,
    data_time: positive,
    seconds: positive,
    samples: fc.integer({ min: 1, max: 512 }),
    peak_memory_bytes: positive,
  },
  { requiredKeys: ['loss', 'learning_rate', 'data_time', 'seconds', 'samples'] },
);

const lineOf = (steps: readonly Measured[]): MetricLine =>
  O.getOrElse((): MetricLine => ({ step: -1 }))(intervalLine(reduce(interval, steps), 10));

const refusal = (result: E.Either<Parameters<typeof showMetricsError>[0], unknown>): string =>
  E.isLeft(result) ? `${result.left._tag}: ${showMetricsError(result.left)}` : 'accepted';

describe('interval', () => {
  const names = ['loss', 'grad_norm', 'learning_rate', 'seconds', 'samples', 'a stranger', '__proto__'];
  const measured = fc.dictionary(fc.constantFrom(...names), anyValue);
  runLaws(monoidLaws(interval, measured), it);
  runLaws(savedReducerLaws(interval, jsonText(interval.codec), measured), it);
});

describe('a line', () => {
  it('is none where nothing was measured', () => {
    expect(intervalLine(interval.extract(interval.empty), 10)).toEqual(O.none);
    expect(intervalLine(reduce(interval, [{}, { unheardOf: 1 }]), 10)).toEqual(O.none);
  });

  it('divides wall time and waiting time by the steps', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        const line = lineOf(steps);
        const total = (of: 'seconds' | 'samples' | 'data_time'): number => steps.reduce((sum, s) => sum + s[of], 0);
        const near = (found: number | undefined, expected: number): void =>
          expect(Math.abs((found ?? Number.NaN) - expected)).toBeLessThanOrEqual(1e-12 * expected);
        near(line['time_per_step'], total('seconds') / steps.length);
        near(line['data_time'], total('data_time') / steps.length);
        near(line['samples_per_second'], total('samples') / total('seconds'));
      }),
    );
  });

  it('takes means of losses and norms, last values of rates, and the largest memory', () => {
    const base = { data_time: 0.125, samples: 4, seconds: 2 };
    const line = lineOf([
      {
        ...base,
        loss: 1,
        loss_real_dims: 3,
        grad_norm: 2,
        param_norm: 9,
        learning_rate: 1e-4,
        peak_memory_bytes: 50,
      },
      { ...base, loss: 2, grad_norm: 4, learning_rate: 2e-4, peak_memory_bytes: 70 },
      { ...base, loss: 6, loss_real_dims: 5, param_norm: 8, learning_rate: 3e-4, peak_memory_bytes: 60 },
    ]);
    expect(Object.entries(line)).toEqual([
      ['step', 10],
      ['loss', 3],
      ['loss_real_dims', 4],
      ['grad_norm', 3],
      ['param_norm', 8],
      ['learning_rate', 3e-4],
      ['time_per_step', 2],
      ['data_time', 0.125],
      ['samples_per_second', 2],
      ['peak_memory_bytes', 70],
    ]);
  });

  it('leaves out what was never measured, and keeps a NaN', () => {
    expect(lineOf([{ loss: Number.NaN, learning_rate: 1, data_time: 0, seconds: 1, samples: 1 }])).toEqual({
      step: 10,
      loss: Number.NaN,
      learning_rate: 1,
      time_per_step: 1,
      data_time: 0,
      samples_per_second: 1,
    });
  });
});

describe("a consumer's own metrics", () => {
  const noise = metric({
    name: 'noise/largest',
    unit: '1',
    when: 'log',
    meaning: 'largest of the interval',
    from: reading('noise', maximum),
  });
  const perSample = metric({
    name: 'loss_per_sample',
    unit: '1',
    when: 'log',
    meaning: 'mean over the samples of the interval',
    from: readingOf(
      ['loss', 'samples'],
      contramap(weightedMean, ({ loss, samples }) => ({ value: loss, weight: samples })),
    ),
  });

  it('are in the interval, from the steps that measured all they read', () => {
    const own = makeInterval([noise, perSample]);
    if (E.isLeft(own)) throw new Error('refused');
    const steps = [{ loss: 1, samples: 3, noise: 5 }, { loss: 9 }, { loss: 3, samples: 1, noise: 2 }, { samples: 8 }];
    expect(reduce(own.right, steps)).toEqual({ 'noise/largest': 5, loss_per_sample: 1.5 });
  });

  it('have a name of their own', () => {
    expect(refusal(makeInterval([...interval.metrics, noise]))).toBe('accepted');
    expect(
      refusal(makeInterval([...interval.metrics, metric({ ...noise, from: reading('x', mean), name: 'loss' })])),
    ).toBe("DuplicateMetric: a metric is named 'loss', and that name is taken: give it another");
    expect(refusal(makeInterval([metric({ ...noise, from: reading('x', mean), name: 'step' })]))).toContain(
      "named 'step'",
    );
  });
});

describe('a saved interval', () => {
  it('names what cannot be continued', () => {
    const saved = encodeInterval(interval, interval.step(interval.empty, { loss: 1 }));
    expect(decodeInterval(interval, saved)).toEqual(E.right(interval.step(interval.empty, { loss: 1 })));
    const stranger = decodeInterval(interval, { noise: 1 });
    expect(refusal(stranger)).toContain('noise');
    expect(refusal(decodeInterval(interval, { loss: { total: 1 } }))).toContain('BadState: the saved interval');
    expect(refusal(decodeInterval(interval, { loss: { total: 1 } }))).toContain('loss.total');
  });

  /** As version 0.1 wrote it after losses 0.5 and 0.25, a gradient norm at the second step, and 3.5 s. */
  const first = {
    steps: 2,
    loss: { total: { parts: [0.75], nonFinite: 0 }, weight: { parts: [2], nonFinite: 0 } },
    lossRealDims: { total: { parts: [], nonFinite: 0 }, weight: { parts: [], nonFinite: 0 } },
    gradNorm: { total: { parts: [4], nonFinite: 0 }, weight: { parts: [1], nonFinite: 0 } },
    paramNorm: { _tag: 'Some', value: 9 },
    learningRate: { _tag: 'Some', value: 0.125 },
    dataTime: { parts: [1], nonFinite: 0 },
    samples: { parts: [64], nonFinite: 0 },
    peakMemoryBytes: { _tag: 'None' },
  };

  it('of version 0.1 goes on where it was', () => {
    const state = decodeFirstInterval(first, 3.5);
    if (E.isLeft(state)) throw new Error(showMetricsError(state.left));
    const next = { loss: 3, grad_norm: 6, data_time: 0.5, samples: 32, seconds: 0.5, peak_memory_bytes: 7 };
    expect(interval.extract(interval.step(state.right, next))).toEqual({
      loss: 1.25,
      grad_norm: 5,
      param_norm: 9,
      learning_rate: 0.125,
      time_per_step: 4 / 3,
      data_time: 0.5,
      samples_per_second: 24,
      peak_memory_bytes: 7,
    });
    expect(interval.extract(state.right)).not.toHaveProperty('loss_real_dims');
    expect(decodeInterval(interval, encodeInterval(interval, state.right))).toEqual(state);
  });

  it('of version 0.1 that no step was in is empty', () => {
    expect(decodeFirstInterval({ ...first, steps: 0 }, 0)).toEqual(E.right({}));
    expect(refusal(decodeFirstInterval({ ...first, samples: 3 }, 1))).toContain('samples');
  });
});
