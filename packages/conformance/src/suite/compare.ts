import type { Tolerance } from './tolerance.js';

/** How two lists of numbers differ. */
export type Comparison = {
  /** The largest difference over the largest finite reference number; 0 where all are equal. */
  readonly relative: number;
  /** The first element that differs by more than is allowed. */
  readonly wrong?: { readonly index: number; readonly expected: number; readonly actual: number };
};

const largestFinite = (numbers: ArrayLike<number>): number => {
  let largest = 0;
  for (let i = 0; i < numbers.length; i++) {
    const magnitude = Math.abs(numbers[i] ?? 0);
    if (Number.isFinite(magnitude) && magnitude > largest) largest = magnitude;
  }
  return largest;
};

/** 0 for equal numbers and for two NaNs; infinite where only one is finite. */
const distance = (expected: number, actual: number): number => {
  if (expected === actual || (Number.isNaN(expected) && Number.isNaN(actual))) return 0;
  const difference = Math.abs(expected - actual);
  return Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
};

/** The largest distance of corresponding elements. */
export const largestDistance = (expected: ArrayLike<number>, actual: ArrayLike<number>): number => {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, distance(expected[i] ?? 0, actual[i] ?? Number.NaN));
  }
  return largest;
};

const sameZero = (a: number, b: number): boolean => a !== 0 || b !== 0 || Object.is(a, b);

/**
 * Compares numbers with the reference's. NaN equals NaN, an infinity only itself.
 *
 * @param extra - further absolute distance allowed.
 */
export const compare = (
  expected: ArrayLike<number>,
  actual: ArrayLike<number>,
  { relative, floor, zeroSigns, scale: least }: Tolerance,
  extra = 0,
): Comparison => {
  const scale = largestFinite(expected);
  const allowed = relative * scale + floor + extra;
  const worst = largestDistance(expected, actual);
  const error = { relative: worst === 0 ? 0 : worst / Math.max(scale, least) };
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [expected[i] ?? 0, actual[i] ?? Number.NaN];
    const right = distance(a, b) <= allowed && (!zeroSigns || sameZero(a, b));
    if (!right) return { ...error, wrong: { index: i, expected: a, actual: b } };
  }
  return error;
};
