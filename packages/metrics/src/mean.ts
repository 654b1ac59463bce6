import * as O from 'fp-ts/lib/Option.js';
import { add, type ExactSum, merge, rounded, zero } from './exact-sum.js';
import { contramap, type Reducer } from './reducer.js';

/** Sum of weight · value, and sum of weights. */
export type MeanState = {
  readonly total: ExactSum;
  readonly weight: ExactSum;
};

/** A value that counts `weight` times. */
export type Weighted = {
  readonly value: number;
  readonly weight: number;
};

/**
 * Σ weight·value / Σ weight; none when the weights sum to 0.
 *
 * Each product is rounded once, each sum once at the end, then the quotient.
 *
 * @law equal in any split and order; weight 2 is the same as the value twice.
 */
export const weightedMean: Reducer<Weighted, MeanState, O.Option<number>> = {
  empty: { total: zero, weight: zero },
  step: ({ total, weight }, input) => ({
    total: add(total, input.weight * input.value),
    weight: add(weight, input.weight),
  }),
  combine: (a, b) => ({ total: merge(a.total, b.total), weight: merge(a.weight, b.weight) }),
  extract: ({ total, weight }) => {
    const divisor = rounded(weight);
    return divisor === 0 ? O.none : O.some(rounded(total) / divisor);
  },
};

/**
 * Arithmetic mean; none without inputs.
 *
 * @law equal in any split and order.
 */
export const mean: Reducer<number, MeanState, O.Option<number>> = contramap(weightedMean, (value: number) => ({
  value,
  weight: 1,
}));
