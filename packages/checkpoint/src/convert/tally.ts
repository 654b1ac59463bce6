import * as E from 'fp-ts/lib/Either.js';
import type { ConversionError, NonFiniteTensor } from '../conversion-error.js';
import type { SafetensorsDType } from '../safetensors/dtype.js';
import type { SafetensorsError } from '../safetensors/error.js';
import { castElements, type FloatDType } from './cast.js';
import { countNonFinite } from './finite.js';

type Counts = {
  nonFinite: number;
  /** Infinities that narrowing made of finite numbers. */
  overflowed: number;
  rounded: number;
};

/** What the elements of each source tensor turned out to be. */
export type Tally = Map<string, Counts>;

const countsOf = (tally: Tally, name: string): Counts => {
  const counts = tally.get(name) ?? { nonFinite: 0, overflowed: 0, rounded: 0 };
  tally.set(name, counts);
  return counts;
};

/**
 * A piece of a tensor in the dtype to be written; what it holds and what the change cost is added to the tally.
 *
 * @errors `WrongDType`.
 */
export const castCounted = (
  tally: Tally,
  name: string,
  from: SafetensorsDType,
  to: FloatDType | undefined,
  piece: Uint8Array,
): E.Either<SafetensorsError, Uint8Array> => {
  const counts = countsOf(tally, name);
  const nonFinite = countNonFinite(from, piece);
  counts.nonFinite += nonFinite;
  if (to === undefined || to === from) return E.right(piece);
  const cast = castElements(from, to, piece);
  if (E.isLeft(cast)) return cast;
  counts.rounded += cast.right.rounded;
  if (cast.right.rounded > 0) counts.overflowed += countNonFinite(to, cast.right.data) - nonFinite;
  return E.right(cast.right.data);
};

const listed = (
  tally: Tally,
  of: (counts: Counts) => number,
  elements: (name: string) => number,
): readonly NonFiniteTensor[] =>
  [...tally].flatMap(([name, counts]) =>
    of(counts) > 0 ? [{ name, count: of(counts), elements: elements(name) }] : [],
  );

/** Tensors with infinities or NaN, those made by narrowing included. */
export const nonFiniteTensors = (tally: Tally, elements: (name: string) => number): readonly NonFiniteTensor[] =>
  listed(tally, ({ nonFinite, overflowed }) => nonFinite + overflowed, elements);

/**
 * Refuses infinities and NaN.
 *
 * @errors `NonFinite` for those of the source, or, if it has none, for those that the narrower dtype made.
 */
export const requireFinite = (
  tally: Tally,
  path: string,
  dtype: string | undefined,
  elements: (name: string) => number,
): E.Either<ConversionError, void> => {
  const given = listed(tally, ({ nonFinite }) => nonFinite, elements);
  if (given.length > 0) return E.left({ _tag: 'NonFinite', path, tensors: given });
  const made = listed(tally, ({ overflowed }) => overflowed, elements);
  return made.length > 0
    ? E.left({ _tag: 'NonFinite', path, tensors: made, narrowedTo: dtype ?? '' })
    : E.right(undefined);
};

/** Elements rounded, by tensor; those with none are left out. */
export const roundedTensors = (tally: Tally): { readonly [name: string]: number } =>
  Object.fromEntries([...tally].flatMap(([name, { rounded }]) => (rounded > 0 ? [[name, rounded]] : [])));
