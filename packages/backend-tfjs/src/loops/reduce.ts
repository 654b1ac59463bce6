import type { ReduceName } from '../kernels.js';
import type { Elements } from './elements.js';

/** A reduction with its reduced axes merged: `[outer, reduced, inner]`. */
export type Reduction = {
  readonly outer: number;
  readonly reduced: number;
  readonly inner: number;
};

const identities: { readonly [N in ReduceName]: number } = {
  reduce_max: Number.NEGATIVE_INFINITY,
  reduce_min: Number.POSITIVE_INFINITY,
  reduce_sum: 0,
};

const sumRow = (x: Elements, start: number, length: number): number => {
  // four sums side by side: one would wait for itself at every element
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = start;
  const end = start + length;
  for (; i + 3 < end; i += 4) {
    a += x[i] ?? 0;
    b += x[i + 1] ?? 0;
    c += x[i + 2] ?? 0;
    d += x[i + 3] ?? 0;
  }
  for (; i < end; i++) a += x[i] ?? 0;
  return a + b + (c + d);
};

const reduceRow = (x: Elements, start: number, length: number, name: ReduceName): number => {
  if (name === 'reduce_sum') return sumRow(x, start, length);
  const better = name === 'reduce_max' ? Math.max : Math.min;
  let found = identities[name];
  for (let i = start; i < start + length; i++) found = better(found, x[i] ?? 0);
  return found;
};

const addRow = (sums: Float64Array, x: Elements, start: number): void => {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (x[start + i] ?? 0);
};

const betterRow = (found: Float64Array, x: Elements, start: number, better: (a: number, b: number) => number): void => {
  for (let i = 0; i < found.length; i++) found[i] = better(found[i] ?? 0, x[start + i] ?? 0);
};

/** The block `x[o]`, reduced row by row into `found`. */
const reduceBlock = (found: Float64Array, x: Elements, start: number, reduced: number, name: ReduceName): void => {
  found.fill(identities[name]);
  for (let r = 0; r < reduced; r++) {
    const row = start + r * found.length;
    if (name === 'reduce_sum') addRow(found, x, row);
    else betterRow(found, x, row, name === 'reduce_max' ? Math.max : Math.min);
  }
};

/**
 * Reduces the middle axis of `x[outer, reduced, inner]`; sums are kept in float64.
 *
 * @param out - `[outer, inner]`.
 * @param x - operand.
 * @param reduction - its extents.
 * @param name - which reduction.
 */
export const reduceMiddle = (
  out: Elements,
  x: Elements,
  { outer, reduced, inner }: Reduction,
  name: ReduceName,
): void => {
  if (inner === 1) {
    for (let o = 0; o < outer; o++) out[o] = reduceRow(x, o * reduced, reduced, name);
    return;
  }
  const found = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    reduceBlock(found, x, o * reduced * inner, reduced, name);
    out.set(found, o * inner);
  }
};

/**
 * The place of the largest element along the middle axis: the first at a tie; NaN counts as the largest.
 *
 * @param out - `[outer, inner]`.
 * @param x - `[outer, reduced, inner]`.
 * @param reduction - its extents.
 */
export const argmaxMiddle = (out: Elements, x: Elements, { outer, reduced, inner }: Reduction): void => {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) out[o * inner + i] = firstLargest(x, o * reduced * inner + i, inner, reduced);
  }
};

const firstLargest = (x: Elements, start: number, step: number, count: number): number => {
  let best = 0;
  let largest = x[start] ?? 0;
  for (let r = 1; r < count && !Number.isNaN(largest); r++) {
    const candidate = x[start + r * step] ?? 0;
    if (candidate > largest || Number.isNaN(candidate)) {
      best = r;
      largest = candidate;
    }
  }
  return best;
};

/**
 * Running sums along the middle axis, from its end when `reverse`.
 *
 * @param out - `[outer, reduced, inner]`.
 * @param x - operand.
 * @param reduction - its extents.
 * @param reverse - from the end.
 */
export const cumsumMiddle = (
  out: Elements,
  x: Elements,
  { outer, reduced, inner }: Reduction,
  reverse: boolean,
): void => {
  const sums = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    sums.fill(0);
    for (let n = 0; n < reduced; n++) {
      const start = (o * reduced + (reverse ? reduced - 1 - n : n)) * inner;
      addRow(sums, x, start);
      // an Int32Array wraps what it is given; a double is exact far beyond 32 bits
      for (let i = 0; i < inner; i++) out[start + i] = sums[i] ?? 0;
    }
  }
};
