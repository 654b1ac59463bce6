import * as O from 'fp-ts/lib/Option.js';
import { type MeanState, mean } from './mean.js';
import { contramap, map, type Reducer } from './reducer.js';

/**
 * √(mean of squares); none without inputs.
 *
 * @law equal in any split and order; at least the mean of the magnitudes and at most the largest, up to rounding.
 */
export const rootMeanSquare: Reducer<number, MeanState, O.Option<number>> = map(
  contramap(mean, (value: number) => value * value),
  O.map(Math.sqrt),
);
