import { roundTo } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { careless } from '../../src/suite/rounding.js';

const reals = fc.double({ noNaN: true, min: -1e6, max: 1e6 });

describe('careless rounding', () => {
  it('gives a number of the dtype, a unit of the last place and its own rounding away at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99 }), reals, (seed, x) => {
        const rounded = careless(seed)('f32', x);
        expect(Math.fround(rounded)).toBe(rounded);
        expect(Math.abs(rounded - x)).toBeLessThanOrEqual(Math.abs(x) * 2 ** -22 + 2 ** -149);
      }),
    );
  });

  it('keeps what is a number of the dtype, and what is no number', () => {
    const round = careless(1);
    for (const x of [0, -0, 1, -2.5, Number.POSITIVE_INFINITY, Number.NaN, 2 ** -149]) expect(round('f32', x)).toBe(x);
    expect(round('f64', 0.1)).toBe(0.1);
    expect(round('f32', 1e300)).toBe(Number.POSITIVE_INFINITY);
  });

  it('goes up and down, further than rounding to the nearest does, and as the seed says', () => {
    const errors = (seed: number) => {
      const round = careless(seed);
      return Array.from({ length: 3000 }, () => (round('f32', 1 / 3) - 1 / 3) / (2 ** -23 / 3));
    };
    const drawn = errors(3);
    const own = Math.abs(roundTo('f32', 1 / 3) - 1 / 3) / (2 ** -23 / 3);
    expect(Math.max(...drawn)).toBeGreaterThan(own);
    expect(Math.min(...drawn)).toBeLessThan(-own);
    expect(errors(3)).toEqual(drawn);
    expect(errors(4)).not.toEqual(drawn);
  });
});
