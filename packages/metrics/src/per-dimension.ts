import * as z from 'zod';
import type { Reducer } from './reducer.js';

/**
 * One reducer for each named dimension of a vector: `perDimension(joints, contramap(mean, Math.abs))` over errors is the mean
 * absolute error per joint, `perDimension(joints, rootMeanSquare)` its root mean square.
 *
 * A vector whose length is not the number of names counts as NaN in every dimension, so that it cannot pass unseen.
 *
 * @law the result at a name is the reducer's over that coordinate alone.
 */
export const perDimension = <Name extends string, State, Out>(
  names: readonly Name[],
  reducer: Reducer<number, State, Out>,
): Reducer<ArrayLike<number>, readonly State[], ReadonlyMap<Name, Out>> => ({
  empty: names.map(() => reducer.empty),
  step: (states, vector) =>
    states.map((state, i) => reducer.step(state, vector.length === names.length ? (vector[i] ?? NaN) : NaN)),
  combine: (a, b) => a.map((state, i) => reducer.combine(state, b[i] ?? reducer.empty)),
  extract: (states) => new Map(names.map((name, i) => [name, reducer.extract(states[i] ?? reducer.empty)])),
  codec: z.array(reducer.codec).length(names.length),
});
