import fc from 'fast-check';
import * as O from 'fp-ts/lib/Option.js';
import { describe, expect, it } from 'vitest';
import { interval, intervalLine, type MetricLine, reduce, type StepMetrics } from '../src/index.js';
import { monoidLaws } from './reducer-laws.js';

const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

const step: fc.Arbitrary<StepMetrics> = fc.record(
  {
    loss: positive,
    lossRealDims: positive,
    gradNorm: positive,
    paramNorm: positive,
    learningRate: positive,
    dataTime: positive,
    samples: fc.integer({ min: 1, max: 512 }),
    peakMemoryBytes: positive,
  },
  { requiredKeys: ['loss', 'learningRate', 'dataTime', 'samples'] },
);

const lineOf = (steps: readonly StepMetrics[], seconds: number): MetricLine =>
  O.getOrElse((): MetricLine => ({ step: -1 }))(intervalLine(reduce(interval, steps), 10, seconds));

describe('interval', () => monoidLaws({ ...interval, extract: (state) => intervalLine(state, 10, 2) }, step));

describe('intervalLine', () => {
  it('is none without steps', () => {
    expect(intervalLine(interval.empty, 10, 1)).toEqual(O.none);
  });

  it('divides wall time and waiting time by the steps', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), positive, (steps, seconds) => {
        const line = lineOf(steps, seconds);
        const samples = steps.reduce((total, s) => total + s.samples, 0);
        expect(line.time_per_step).toBe(seconds / steps.length);
        expect(line.samples_per_second).toBe(samples / seconds);
        const waited = steps.reduce((total, s) => total + s.dataTime, 0);
        expect(Math.abs((line.data_time ?? 0) * steps.length - waited)).toBeLessThanOrEqual(1e-12 * waited);
      }),
    );
  });

  it('takes means of losses and norms, last values of rates, and the largest memory', () => {
    const base = { dataTime: 0.125, samples: 4 };
    const line = lineOf(
      [
        { ...base, loss: 1, lossRealDims: 3, gradNorm: 2, paramNorm: 9, learningRate: 1e-4, peakMemoryBytes: 50 },
        { ...base, loss: 2, gradNorm: 4, learningRate: 2e-4, peakMemoryBytes: 70 },
        { ...base, loss: 6, lossRealDims: 5, paramNorm: 8, learningRate: 3e-4, peakMemoryBytes: 60 },
      ],
      6,
    );
    expect(line).toEqual({
      step: 10,
      loss: 3,
      loss_real_dims: 4,
      grad_norm: 3,
      param_norm: 8,
      learning_rate: 3e-4,
      time_per_step: 2,
      data_time: 0.125,
      samples_per_second: 2,
      peak_memory_bytes: 70,
    });
  });

  it('leaves out what was never measured, and keeps a NaN', () => {
    const line = lineOf([{ loss: Number.NaN, learningRate: 1, dataTime: 0, samples: 1 }], 1);
    expect(line).toEqual({
      step: 10,
      loss: Number.NaN,
      learning_rate: 1,
      time_per_step: 1,
      data_time: 0,
      samples_per_second: 1,
    });
  });
});
