import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { log1p } from '../src/log-float32.js';

describe('log1p in float32', () => {
  it('is the logarithm within 3 units in the last place', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(-1 + 2 ** -24), max: 0, noNaN: true }), (x) => {
        const exact = Math.log1p(x);
        expect(Math.abs(log1p(x) - exact)).toBeLessThanOrEqual(3 * 2 ** -23 * Math.abs(exact) + 2 ** -149);
      }),
      { numRuns: 2000 },
    );
  });
});
