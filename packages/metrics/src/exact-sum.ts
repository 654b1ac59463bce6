/**
 * A sum without rounding: its value is the sum of `parts`, float64 numbers of increasing magnitude that do not overlap.
 * Infinite and NaN terms are kept apart in `nonFinite` (0 when there are none), as they would destroy the parts.
 */
export type ExactSum = {
  readonly parts: readonly number[];
  readonly nonFinite: number;
};

export const zero: ExactSum = { parts: [], nonFinite: 0 };

/**
 * The sum with one more term. Exact while the true sum is below 2^1023 in magnitude.
 *
 * @source Shewchuk 1997, "Adaptive precision floating-point arithmetic", GROW-EXPANSION with zero elimination.
 */
export const add = (sum: ExactSum, term: number): ExactSum => {
  if (!Number.isFinite(term)) return { parts: sum.parts, nonFinite: sum.nonFinite + term };
  const parts: number[] = [];
  let high = term;
  for (const part of sum.parts) {
    const [large, small] = Math.abs(high) < Math.abs(part) ? [part, high] : [high, part];
    high = large + small;
    const low = small - (high - large);
    if (low !== 0) parts.push(low);
  }
  if (high !== 0) parts.push(high);
  return { parts, nonFinite: sum.nonFinite };
};

export const merge = (a: ExactSum, b: ExactSum): ExactSum =>
  b.parts.reduce(add, { parts: a.parts, nonFinite: a.nonFinite + b.nonFinite });

/** The float64 nearest to the sum; ties to even. */
export const rounded = ({ parts, nonFinite }: ExactSum): number => {
  if (nonFinite !== 0) return nonFinite;
  let i = parts.length - 1;
  let high = parts[i] ?? 0;
  let low = 0;
  while (i > 0 && low === 0) {
    const before = high;
    const part = parts[--i] ?? 0;
    high = before + part;
    low = part - (high - before);
  }
  // `high + low` may lie exactly between two float64 numbers, rounded to even; the parts below then break the tie.
  const below = parts[i - 1] ?? 0;
  const up = high + 2 * low;
  return low * below > 0 && up - high === 2 * low ? up : high;
};
