import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bernoulli, key } from '../src/index.js';
import { anyKey } from './distribution.js';

describe('bernoulli', () => {
  it('is constant at p = 0 and p = 1', () => {
    fc.assert(
      fc.property(anyKey, (k) => {
        expect(bernoulli(k, 50, 0).every((x) => x === 0)).toBe(true);
        expect(bernoulli(k, 50, 1).every((x) => x === 1)).toBe(true);
      }),
    );
  });

  it('a larger p keeps every one', () => {
    fc.assert(
      fc.property(
        anyKey,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (k, p, q) => {
          const fewer = bernoulli(k, 50, Math.min(p, q));
          const more = bernoulli(k, 50, Math.max(p, q));
          expect(fewer.every((x, i) => x <= (more[i] ?? 0))).toBe(true);
        },
      ),
    );
  });

  it('has mean p', () => {
    const ones = bernoulli(key(3), 40_000, 0.3).reduce((sum, x) => sum + x, 0);
    expect(Math.abs(ones - 12_000)).toBeLessThan(5 * Math.sqrt(40_000 * 0.3 * 0.7));
  });
});
