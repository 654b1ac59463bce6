import * as E from 'fp-ts/lib/Either.js';
import type { ActionChunk } from '../interfaces.js';
import { dct, dctMatrix } from './dct.js';
import type { ActionTokenError } from './error.js';

/** Rounds halves to the even neighbour, as numpy's `around` does; never -0. */
export const roundHalfEven = (x: number): number => {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded + 0;
};

/** The chunk, where its data fill its shape with finite numbers. */
export const checkChunk = (chunk: ActionChunk): E.Either<ActionTokenError, ActionChunk> => {
  const { data, shape } = chunk;
  const [ah, ad] = shape;
  if (data.length !== ah * ad || data.length === 0) {
    return E.left({ _tag: 'BadActionShape', shape, values: data.length, expected: 'ah × ad values, at least one' });
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  return bad < 0
    ? E.right(chunk)
    : E.left({ _tag: 'BadAction', step: Math.floor(bad / ad), dimension: bad % ad, value: data[bad] ?? Number.NaN });
};

/** Builds the matrix of each horizon once. */
export const matrices = (): ((n: number) => Float64Array) => {
  const built = new Map<number, Float64Array>();
  return (n) => {
    const matrix = built.get(n) ?? dctMatrix(n);
    built.set(n, matrix);
    return matrix;
  };
};

/**
 * Quantised frequencies of a chunk, `[ah, ad]` in row-major order (the lowest frequency of every dimension first): DCT over time, times
 * `scale`, rounded half to even.
 *
 * @errors `BadActionShape`, `BadAction`.
 * @source the published processor `physical-intelligence/fast`, `__call__`; in float64, where it follows the dtype of the actions
 */
export const coefficients =
  (scale: number, matrixOf: (n: number) => Float64Array = matrices()) =>
  (chunk: ActionChunk): E.Either<ActionTokenError, readonly number[]> => {
    const checked = checkChunk(chunk);
    if (E.isLeft(checked)) return checked;
    const frequencies = dct(matrixOf(chunk.shape[0]), chunk.data, chunk.shape);
    const quantised: number[] = [];
    for (const c of frequencies) quantised.push(roundHalfEven(c * scale));
    return E.right(quantised);
  };
