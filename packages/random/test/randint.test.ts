import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { key, randint } from '../src/index.js';
import { anyKey } from './distribution.js';

const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

describe('randint', () => {
  it('stays in [min, max)', () => {
    fc.assert(
      fc.property(anyKey, i32, i32, (k, a, b) => {
        fc.pre(a !== b);
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        expect(randint(k, 50, min, max).every((x) => x >= min && x < max)).toBe(true);
      }),
    );
  });

  it('is min for an empty range', () => {
    expect(Array.from(randint(key(0), 3, 5, 5))).toEqual([5, 5, 5]);
  });

  it('takes every value about equally often', () => {
    const counts = new Float64Array(7);
    for (const x of randint(key(9), 70_000, 0, 7)) counts[x] = (counts[x] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * 100);
  });
});
