import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from '../error.js';
import { type Reals, sameKind } from './reals.js';

/** Rows of another width, with how many dimensions were added or removed. */
export type Resized<A extends Reals> = {
  readonly data: A;
  /** Dimensions added per row (negative: removed). */
  readonly added: number;
};

const resize = (data: Reals, from: number, to: number): Reals => {
  if (from === to) return data;
  const rows = data.length / from;
  const out = sameKind(data, rows * to);
  const width = Math.min(from, to);
  for (let row = 0; row < rows; row++) {
    // A loop: for the few dimensions of a robot it is faster than a view and a copy.
    for (let i = 0; i < width; i++) out[row * to + i] = data[row * from + i] ?? 0;
  }
  return out;
};

const refuse = (what: string, from: number, expected: string): DataError => ({
  _tag: 'ShapeMismatch',
  what,
  expected,
  found: `${from} dimensions`,
});

/**
 * Pads rows of `from` dimensions with zeros to the model's `to`.
 *
 * Given data `[…, from]`, row-major.
 *
 * @errors `ShapeMismatch` when the rows are wider than the model: dimensions are never cut.
 * @law `sliceToDim(to, from)` undoes it; padding to the same width changes nothing.
 * @source openpi `transforms.py` `PadStatesAndActions`, `pad_to_dim` (15a9616), which leaves wider rows as they are
 */
export const padToDim =
  (from: number, to: number) =>
  (data: Reals): E.Either<DataError, Resized<Reals>> =>
    from > to
      ? E.left(refuse('A vector', from, `at most the model's ${to} dimensions; choose a larger action dimension`))
      : E.right({ data: resize(data, from, to), added: to - from });

/**
 * Keeps the first `to` of `from` dimensions: the inverse of `padToDim`, for what a model sampled.
 *
 * @errors `ShapeMismatch` when there are fewer than `to`.
 */
export const sliceToDim =
  (from: number, to: number) =>
  (data: Reals): E.Either<DataError, Resized<Reals>> =>
    from < to
      ? E.left(refuse('A vector', from, `at least ${to} dimensions`))
      : E.right({ data: resize(data, from, to), added: to - from });
