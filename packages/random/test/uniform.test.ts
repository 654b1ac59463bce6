import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { key, uniform } from '../src/index.js';
import { anyKey, kolmogorov } from './distribution.js';

const bound = fc.float({ noNaN: true, min: -1000, max: 1000 });

describe('uniform', () => {
  it('stays within its bounds', () => {
    fc.assert(
      fc.property(anyKey, bound, bound, (k, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(uniform(k, 50, low, high).every((x) => x >= low && x <= high)).toBe(true);
      }),
    );
  });

  it('has the distribution function x', () => {
    for (const seed of [1, 2, 3]) expect(kolmogorov(uniform(key(seed), 20_000), (x) => x)).toBeLessThan(2.3);
  });

  it('is uniform in [0, 1) on a grid of 2^-23', () => {
    expect(uniform(key(5), 1000).every((x) => Number.isInteger(x * 2 ** 23) && x < 1)).toBe(true);
  });
});
