import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { erfInv } from '../src/erf-inv.js';

const inside = fc.float({ min: Math.fround(-1 + 2 ** -23), max: Math.fround(1 - 2 ** -23), noNaN: true });

describe('erfInv', () => {
  it('is odd', () => {
    fc.assert(
      fc.property(inside, (x) => {
        expect(erfInv(-x)).toBe(-erfInv(x));
      }),
    );
  });

  it('grows', () => {
    fc.assert(
      fc.property(inside, inside, (a, b) => {
        fc.pre(Math.abs(a - b) > 1e-3);
        expect(erfInv(Math.max(a, b))).toBeGreaterThan(erfInv(Math.min(a, b)));
      }),
    );
  });

  // Abramowitz & Stegun 1964, table 7.1: erf(0.1), erf(0.5), erf(1), erf(2).
  it.each([
    [0.1124629160182849, 0.1],
    [0.5204998778130465, 0.5],
    [0.8427007929497149, 1],
    [0.9953222650189527, 2],
  ])('inverts erf: %f', (y, x) => {
    expect(Math.abs(erfInv(Math.fround(y)) / x - 1)).toBeLessThan(2e-6);
  });
});
