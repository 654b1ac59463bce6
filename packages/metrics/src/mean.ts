import * as O from 'fp-ts/lib/Option.js';
import type { ExactSum } from './exact-sum.js';
import { product } from './product.js';
import { contramap, map, type Reducer } from './reducer.js';
import { sum } from './sum.js';

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
export const weightedMean: Reducer<Weighted, MeanState, O.Option<number>> = map(
  product({
    total: contramap(sum, ({ value, weight }: Weighted) => weight * value),
    weight: contramap(sum, ({ weight }: Weighted) => weight),
  }),
  ({ total, weight }) => (weight === 0 ? O.none : O.some(total / weight)),
);

/**
 * Arithmetic mean; none without inputs.
 *
 * @law equal in any split and order.
 */
export const mean: Reducer<number, MeanState, O.Option<number>> = contramap(weightedMean, (value: number) => ({
  value,
  weight: 1,
}));
