import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { key, permutation, split } from '../src/index.js';
import { anyKey } from './distribution.js';

describe('permutation', () => {
  it('is a permutation', () => {
    fc.assert(
      fc.property(anyKey, fc.nat({ max: 500 }), (k, n) => {
        const sorted = permutation(k, n).sort();
        expect(sorted.length).toBe(n);
        expect(sorted.every((x, i) => x === i)).toBe(true);
      }),
    );
  });

  it('all orders of four are about equally likely', () => {
    const counts = new Map<string, number>();
    for (const k of split(key(4), 4_800)) {
      const order = permutation(k, 4).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(5 * Math.sqrt(200));
  });
});
