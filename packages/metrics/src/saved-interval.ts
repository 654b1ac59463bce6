import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import type { Codec } from './codec.js';
import type { MetricsError } from './error.js';
import { type ExactSum, zero } from './exact-sum.js';
import type { Interval, IntervalState } from './interval.js';
import { sum } from './sum.js';

/**
 * The state of an interval as JSON, for a checkpoint.
 *
 * @law `decodeInterval(interval, encodeInterval(interval, state)) = state`.
 */
export const encodeInterval = ({ codec }: Interval, state: IntervalState): unknown => z.encode(codec, state);

const decoded = <A>(codec: Codec<A>, json: unknown): E.Either<MetricsError, A> => {
  const result = z.safeDecode(codec, json);
  const [issue] = result.error?.issues ?? [];
  return result.success
    ? E.right(result.data)
    : E.left({ _tag: 'BadState', at: issue?.path.join('.') ?? '', reason: String(issue?.message) });
};

/**
 * The state that a JSON value holds.
 *
 * @errors `BadState` naming the first place of another form, or a metric that is not declared.
 */
export const decodeInterval = ({ codec }: Interval, json: unknown): E.Either<MetricsError, IntervalState> =>
  decoded(codec, json);

const count = z.int().min(0);
const exactSum = z.strictObject({ parts: z.array(z.number()), nonFinite: z.literal(0) });
const meanState = z.strictObject({ total: exactSum, weight: exactSum });
const option = z.union([
  z.strictObject({ _tag: z.literal('None') }),
  z.strictObject({ _tag: z.literal('Some'), value: z.number() }),
]);

const firstLayout = z.strictObject({
  steps: count,
  loss: meanState,
  lossRealDims: meanState,
  gradNorm: meanState,
  paramNorm: option,
  learningRate: option,
  dataTime: exactSum,
  samples: exactSum,
  peakMemoryBytes: option,
});

const sumOf = (value: number): ExactSum => sum.step(zero, value);

const states = ({ steps, ...saved }: z.output<typeof firstLayout>, seconds: number): IntervalState => ({
  loss: saved.loss,
  loss_real_dims: saved.lossRealDims,
  grad_norm: saved.gradNorm,
  param_norm: saved.paramNorm,
  learning_rate: saved.learningRate,
  time_per_step: { total: sumOf(seconds), weight: sumOf(steps) },
  data_time: { total: saved.dataTime, weight: sumOf(steps) },
  samples_per_second: { samples: saved.samples, seconds: sumOf(seconds) },
  peak_memory_bytes: saved.peakMemoryBytes,
});

/**
 * The state that a checkpoint of version 0.1 holds, where the fields of an interval were fixed and its wall time stood beside
 * them.
 *
 * @errors `BadState` naming the first place of another form.
 */
export const decodeFirstInterval = (json: unknown, seconds: number): E.Either<MetricsError, IntervalState> =>
  pipe(
    decoded(firstLayout, json),
    E.map((saved) => (saved.steps === 0 ? {} : states(saved, seconds))),
  );
