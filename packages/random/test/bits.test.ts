import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bits, key } from '../src/index.js';
import { anyKey } from './distribution.js';

describe('bits', () => {
  it('a shorter draw is a prefix of a longer one', () => {
    fc.assert(
      fc.property(anyKey, fc.nat({ max: 100 }), fc.nat({ max: 100 }), (k, n, more) => {
        expect(bits(k, n + more).subarray(0, n)).toEqual(bits(k, n));
      }),
    );
  });

  it('every bit is set about half of the time', () => {
    const words = bits(key(7), 40_000);
    for (let bit = 0; bit < 32; bit++) {
      const set = words.reduce((sum, word) => sum + ((word >>> bit) & 1), 0);
      expect(Math.abs(set - 20_000)).toBeLessThan(5 * 100); // five standard deviations
    }
  });
});
