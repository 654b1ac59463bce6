import fc from 'fast-check';
import { type Key, key } from '../src/index.js';

export const anyKey: fc.Arbitrary<Key> = fc.nat({ max: 2 ** 32 - 1 }).map(key);

/**
 * Largest distance between the empirical distribution function of `sample` and `cdf` (Kolmogorov–Smirnov), times √n.
 * Above 2.3 has probability 5e-5 per key, so the tests use few fixed keys.
 */
export const kolmogorov = (sample: ArrayLike<number>, cdf: (x: number) => number): number => {
  const sorted = Float64Array.from(sample).sort();
  const n = sorted.length;
  const worst = sorted.reduce((d, x, i) => Math.max(d, Math.abs(cdf(x) - i / n), Math.abs(cdf(x) - (i + 1) / n)), 0);
  return worst * Math.sqrt(n);
};
