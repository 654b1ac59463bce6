import { describe, expect, it } from 'vitest';
import { beta, key } from '../src/index.js';
import { kolmogorov } from './distribution.js';

describe('beta', () => {
  it.each([0.5, 1, 1.5, 4])('Beta(%f, 1) has the distribution function x^a', (a) => {
    for (const seed of [1, 2]) expect(kolmogorov(beta(key(seed), 20_000, a, 1), (x) => x ** a)).toBeLessThan(2.3);
  });
});
