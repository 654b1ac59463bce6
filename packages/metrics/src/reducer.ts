import type { Codec } from './codec.js';

/**
 * A summary of many inputs that can be computed in pieces: per step, per device, per file.
 *
 * @law `combine` is associative with `empty` as identity, and `step(s, x) = combine(s, step(empty, x))`, each after `extract`;
 * all reducers of this package but `last` are commutative too, so any split in any order gives the same result, bit for bit.
 * @law decoding what `codec` encodes gives the state back.
 */
export type Reducer<In, State, Out> = {
  /** The state of no inputs. */
  readonly empty: State;
  /** The state with one more input. */
  readonly step: (state: State, input: In) => State;
  /** The state of two pieces. */
  readonly combine: (a: State, b: State) => State;
  /** The result of a state. */
  readonly extract: (state: State) => Out;
  /** The state as JSON, for a checkpoint, and back. */
  readonly codec: Codec<State>;
};

/** The reducer of `f(input)`. */
export const contramap = <A, In, State, Out>(
  reducer: Reducer<In, State, Out>,
  f: (input: A) => In,
): Reducer<A, State, Out> => ({ ...reducer, step: (state, input) => reducer.step(state, f(input)) });

/** The reducer whose result is `f` of the result. */
export const map = <In, State, Out, B>(
  reducer: Reducer<In, State, Out>,
  f: (out: Out) => B,
): Reducer<In, State, B> => ({ ...reducer, extract: (state) => f(reducer.extract(state)) });

/** All inputs, in order, through a reducer. */
export const reduce = <In, State, Out>(reducer: Reducer<In, State, Out>, inputs: Iterable<In>): Out => {
  let state = reducer.empty;
  for (const input of inputs) state = reducer.step(state, input);
  return reducer.extract(state);
};
