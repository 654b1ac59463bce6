import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import * as z from 'zod';
import type { Codec } from './codec.js';
import type { Measured, Metric, Reading } from './declaration.js';
import { metrics } from './declarations.js';
import type { MetricsError } from './error.js';
import type { MetricLine, MetricValues } from './line.js';
import type { Reducer } from './reducer.js';

/** The steps since the last line: for each metric by name the state of its reducer, absent while nothing was measured. */
export type IntervalState = { readonly [metric: string]: unknown };

/** Metrics as one reducer of steps, and back to their declarations. */
export type Interval = Reducer<Measured, IntervalState, MetricValues> & { readonly metrics: readonly Metric[] };

type Read = Metric & { readonly from: Reading };

const hasReading = (metric: Metric): metric is Read => metric.from !== null;

const stateCodec = (read: readonly Read[]): Codec<IntervalState> =>
  z.strictObject(Object.fromEntries(read.map(({ name, from }) => [name, z.optional(from.reducer.codec)])));

const intervalOf = (declared: readonly Metric[]): Interval => {
  const read = declared.filter(hasReading);
  const each = <B>(f: (metric: Read) => O.Option<B>): { readonly [metric: string]: B } =>
    Object.fromEntries(
      read.flatMap((metric) => {
        const value = f(metric);
        return O.isSome(value) ? [[metric.name, value.value]] : [];
      }),
    );
  const stateOf = (state: IntervalState, name: string): O.Option<unknown> =>
    Object.hasOwn(state, name) ? O.some(state[name]) : O.none;
  return {
    metrics: declared,
    empty: {},
    step: (state, measured) =>
      each(({ name, from: { reads, reducer } }) => {
        const before = stateOf(state, name);
        if (!reads.every((input) => Object.hasOwn(measured, input))) return before;
        return O.some(reducer.step(O.isSome(before) ? before.value : reducer.empty, measured));
      }),
    combine: (a, b) =>
      each(({ name, from: { reducer } }) => {
        const [left, right] = [stateOf(a, name), stateOf(b, name)];
        if (O.isNone(left)) return right;
        return O.isNone(right) ? left : O.some(reducer.combine(left.value, right.value));
      }),
    extract: (state) => each(({ name, from: { reducer } }) => O.flatMap(reducer.extract)(stateOf(state, name))),
    codec: stateCodec(read),
  };
};

/**
 * The steps since the last line as a reducer: the record of the reducers of every metric that reads steps.
 *
 * @errors `DuplicateMetric` when two metrics have one name, or one is called `step` as the count of a line is.
 * @law a monoid by construction, for each place is one; mergeable in any split that keeps the order of the steps.
 */
export const makeInterval = (declared: readonly Metric[]): E.Either<MetricsError, Interval> => {
  const names = ['step', ...declared.map(({ name }) => name)];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return twice === undefined ? E.right(intervalOf(declared)) : E.left({ _tag: 'DuplicateMetric', name: twice });
};

/** The interval of `metrics`. */
export const interval: Interval = intervalOf(metrics);

/**
 * The line of an interval; none when nothing was measured since the last one.
 *
 * @param values - what the interval extracts from its state.
 * @param step - number of updates done at its end.
 */
export const intervalLine = (values: MetricValues, step: number): O.Option<MetricLine> =>
  Object.keys(values).length === 0 ? O.none : O.some({ step, ...values });
