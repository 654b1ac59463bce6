import * as O from 'fp-ts/lib/Option.js';
import { count } from './count.js';
import type { ExactSum } from './exact-sum.js';
import { maximum } from './extreme.js';
import { last } from './last.js';
import type { MetricLine } from './line.js';
import { type MeanState, mean } from './mean.js';
import type { Reducer } from './reducer.js';
import { sum } from './sum.js';

/** What one training step measured. A field that is left out was not measured, and has no part in the means. */
export type StepMetrics = {
  readonly loss: number;
  readonly lossRealDims?: number;
  /** Global L2 norm before clipping. */
  readonly gradNorm?: number;
  /** Of the updated kernel parameters. */
  readonly paramNorm?: number;
  readonly learningRate: number;
  /** Seconds this step waited for its batch. */
  readonly dataTime: number;
  /** Samples in its batch. */
  readonly samples: number;
  readonly peakMemoryBytes?: number;
};

/** The steps since the last line, summarised. */
export type IntervalState = {
  readonly steps: number;
  readonly loss: MeanState;
  readonly lossRealDims: MeanState;
  readonly gradNorm: MeanState;
  readonly paramNorm: O.Option<number>;
  readonly learningRate: O.Option<number>;
  readonly dataTime: ExactSum;
  readonly samples: ExactSum;
  readonly peakMemoryBytes: O.Option<number>;
};

const lastNumber = last<number>();

const measured = <State, Out>(reducer: Reducer<number, State, Out>, state: State, value: number | undefined): State =>
  value === undefined ? state : reducer.step(state, value);

/**
 * The steps since the last line, as a reducer: means of losses and gradient norm, the last learning rate and parameter norm,
 * the largest memory, total waiting time and samples.
 *
 * @law mergeable in any split that keeps the order of the steps.
 */
export const interval: Reducer<StepMetrics, IntervalState, IntervalState> = {
  empty: {
    steps: count.empty,
    loss: mean.empty,
    lossRealDims: mean.empty,
    gradNorm: mean.empty,
    paramNorm: lastNumber.empty,
    learningRate: lastNumber.empty,
    dataTime: sum.empty,
    samples: sum.empty,
    peakMemoryBytes: maximum.empty,
  },
  step: (state, input) => ({
    steps: count.step(state.steps, input),
    loss: mean.step(state.loss, input.loss),
    lossRealDims: measured(mean, state.lossRealDims, input.lossRealDims),
    gradNorm: measured(mean, state.gradNorm, input.gradNorm),
    paramNorm: measured(lastNumber, state.paramNorm, input.paramNorm),
    learningRate: lastNumber.step(state.learningRate, input.learningRate),
    dataTime: sum.step(state.dataTime, input.dataTime),
    samples: sum.step(state.samples, input.samples),
    peakMemoryBytes: measured(maximum, state.peakMemoryBytes, input.peakMemoryBytes),
  }),
  combine: (a, b) => ({
    steps: count.combine(a.steps, b.steps),
    loss: mean.combine(a.loss, b.loss),
    lossRealDims: mean.combine(a.lossRealDims, b.lossRealDims),
    gradNorm: mean.combine(a.gradNorm, b.gradNorm),
    paramNorm: lastNumber.combine(a.paramNorm, b.paramNorm),
    learningRate: lastNumber.combine(a.learningRate, b.learningRate),
    dataTime: sum.combine(a.dataTime, b.dataTime),
    samples: sum.combine(a.samples, b.samples),
    peakMemoryBytes: maximum.combine(a.peakMemoryBytes, b.peakMemoryBytes),
  }),
  extract: (state) => state,
};

/** Names with a value, in the given order. */
const present = <Name extends string>(
  entries: readonly (readonly [Name, O.Option<number>])[],
): { readonly [K in Name]?: number } => {
  const values: { [K in Name]?: number } = {};
  for (const [name, value] of entries) if (O.isSome(value)) values[name] = value.value;
  return values;
};

/**
 * The line of an interval; none when no step was taken since the last one.
 *
 * @param step - number of updates done at the end of the interval.
 * @param seconds - wall time from the end of the last line (or the start of the run) to now, of a monotonic clock.
 * @law `time_per_step · steps = seconds`, also for the first line.
 */
export const intervalLine = (state: IntervalState, step: number, seconds: number): O.Option<MetricLine> => {
  if (state.steps === 0) return O.none;
  return O.some({
    step,
    ...present([
      ['loss', mean.extract(state.loss)],
      ['loss_real_dims', mean.extract(state.lossRealDims)],
      ['grad_norm', mean.extract(state.gradNorm)],
      ['param_norm', state.paramNorm],
      ['learning_rate', state.learningRate],
      ['time_per_step', O.some(seconds / state.steps)],
      ['data_time', O.some(sum.extract(state.dataTime) / state.steps)],
      ['samples_per_second', O.some(sum.extract(state.samples) / seconds)],
      ['peak_memory_bytes', state.peakMemoryBytes],
    ]),
  });
};
