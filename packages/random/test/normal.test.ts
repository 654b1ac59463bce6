import { describe, expect, it } from 'vitest';
import { key, normal } from '../src/index.js';
import { kolmogorov } from './distribution.js';

// Marsaglia 2004, "Evaluating the normal distribution": Φ(x) = ½ + φ(x)(x + x³/3 + x⁵/15 + …), good to double precision.
const phi = (x: number): number => {
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-16 * Math.abs(sum); i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
};

describe('normal', () => {
  it('has the normal distribution function', () => {
    for (const seed of [1, 2, 3]) expect(kolmogorov(normal(key(seed), 20_000), phi)).toBeLessThan(2.3);
  });

  it('is finite', () => {
    expect(normal(key(11), 200_000).every(Number.isFinite)).toBe(true);
  });
});
