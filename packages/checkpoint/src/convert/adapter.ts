import type { ConversionError } from '../conversion-error.js';
import { type Misshaped, type Shapes, showShape } from '../names/plan.js';

/** Low-rank factors that a model adds to one of its weights: `w + scale · a · b`, a product for every matrix of the weight. */
export type WeightAdapter = {
  /** `[…, in, out]` */
  readonly weight: string;
  /** `[…, in, r]` */
  readonly a: string;
  /** `[…, r, out]` */
  readonly b: string;
  readonly scale: number;
  /** Whether each `a` meets the sum of the `b`s over the heads, which are the axis before `in`, instead of its own. */
  readonly sharesB: boolean;
};

const factorShapes = (shape: readonly number[], rank: number): readonly [readonly number[], readonly number[]] => {
  const leading = shape.slice(0, -2);
  const [inputs = 0, outputs = 0] = shape.slice(-2);
  return [
    [...leading, inputs, rank],
    [...leading, rank, outputs],
  ];
};

/**
 * Refuses adapters whose weight or factors are not there, or not of the shapes of one product.
 *
 * @errors `NamesDisagree` with every one of them.
 */
export const checkAdapters = (
  path: string,
  shapes: Shapes,
  adapters: readonly WeightAdapter[],
): ConversionError | undefined => {
  const missing = adapters.flatMap(({ weight, a, b }) => [weight, a, b].filter((name) => !shapes.has(name)));
  const misshaped = adapters.flatMap(({ weight, a, b }): readonly Misshaped[] => {
    const [w, left, right] = [weight, a, b].map((name) => shapes.get(name));
    if (w === undefined || left === undefined || right === undefined) return [];
    const expected = factorShapes(w, left.at(-1) ?? 0);
    return [[a, left, expected[0]] as const, [b, right, expected[1]] as const].flatMap(([name, actual, wanted]) =>
      showShape(actual) === showShape(wanted) ? [] : [{ name, expected: showShape(wanted), actual: showShape(actual) }],
    );
  });
  return missing.length + misshaped.length === 0
    ? undefined
    : { _tag: 'NamesDisagree', path, difference: { missing, unused: [], misshaped } };
};

/** The product of a row of `a` and a part of the columns of `b`, in float64. */
const rowTimes = (row: Float32Array, b: Float32Array, outputs: number, from: number, sums: Float64Array): void => {
  sums.fill(0);
  for (let k = 0; k < row.length; k += 1) {
    const factor = row[k] ?? 0;
    const at = k * outputs + from;
    for (let i = 0; i < sums.length; i += 1) sums[i] = (sums[i] ?? 0) + factor * (b[at + i] ?? 0);
  }
};

/** Factors that some rows of a weight have in common. */
export type Factors = {
  /** `[rows, r]`, those of the rows that are touched. */
  readonly a: Float32Array;
  /** `[r, out]` */
  readonly b: Float32Array;
  readonly rank: number;
  readonly outputs: number;
  readonly scale: number;
};

/**
 * Adds `scale · a · b` to consecutive elements of a weight. Sums are kept in float64 and rounded once.
 *
 * @param weight - the elements, changed in place.
 * @param begin - where they begin in the first row.
 * @law the same elements whatever ranges they come in.
 */
export const addLowRank = (weight: Float32Array, begin: number, { a, b, rank, outputs, scale }: Factors): void => {
  for (let at = 0, row = 0; at < weight.length; row += 1) {
    const from = row === 0 ? begin : 0;
    const part = weight.subarray(at, at + outputs - from);
    const sums = new Float64Array(part.length);
    rowTimes(a.subarray(row * rank, (row + 1) * rank), b, outputs, from, sums);
    for (let i = 0; i < part.length; i += 1) part[i] = (part[i] ?? 0) + scale * (sums[i] ?? 0);
    at += part.length;
  }
};
