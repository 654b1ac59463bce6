import * as z from 'zod';
import type { Codec } from './codec.js';
import type { Reducer } from './reducer.js';

/** A reducer of any inputs, state and result. */
export type Part = {
  readonly empty: unknown;
  readonly step: (state: never, input: never) => unknown;
  readonly combine: (a: never, b: never) => unknown;
  readonly extract: (state: never) => unknown;
  readonly codec: Codec<unknown>;
};

/** Reducers by name. */
export type Parts = { readonly [name: string]: Part };

/** What every part can take. */
export type InputOf<P extends Parts> = {
  readonly [N in keyof P]: P[N]['step'] extends (state: never, input: infer In) => unknown
    ? (input: In) => void
    : never;
}[keyof P] extends (input: infer In) => void
  ? In
  : never;

/** The state of each part. */
export type StatesOf<P extends Parts> = { readonly [N in keyof P]: P[N]['empty'] };

/** The result of each part. */
export type ResultsOf<P extends Parts> = { readonly [N in keyof P]: ReturnType<P[N]['extract']> };

type ByName<A> = { readonly [name: string]: A };

/**
 * Several reducers of the same inputs as one: its state and its result are records of theirs.
 *
 * @law a monoid because each part is, and commutative where each part is.
 */
export const product = <P extends Parts>(parts: P): Reducer<InputOf<P>, StatesOf<P>, ResultsOf<P>> => {
  // Each place of a record holds what belongs to the part of that name, which the type of a record of any names cannot say.
  const entries = Object.entries(parts as unknown as ByName<Reducer<unknown, unknown, unknown>>);
  const each = <B>(f: (part: Reducer<unknown, unknown, unknown>, name: string) => B): ByName<B> =>
    Object.fromEntries(entries.map(([name, part]) => [name, f(part, name)]));
  const reducer: Reducer<unknown, ByName<unknown>, ByName<unknown>> = {
    empty: each(({ empty }) => empty),
    step: (state, input) => each(({ step }, name) => step(state[name], input)),
    combine: (a, b) => each(({ combine }, name) => combine(a[name], b[name])),
    extract: (state) => each(({ extract }, name) => extract(state[name])),
    codec: z.strictObject(each(({ codec }) => codec)),
  };
  return reducer as unknown as Reducer<InputOf<P>, StatesOf<P>, ResultsOf<P>>;
};
