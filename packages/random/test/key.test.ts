import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldIn, key, split } from '../src/index.js';
import { anyKey } from './distribution.js';

const u32 = fc.nat({ max: 2 ** 32 - 1 });

describe('keys', () => {
  it('key takes a seed modulo 2^32', () => {
    fc.assert(
      fc.property(u32, fc.nat({ max: 2 ** 20 }), (low, high) => {
        expect(key(high * 2 ** 32 + low)).toEqual([0, low]);
      }),
    );
    expect(key(-1)).toEqual([0, 2 ** 32 - 1]);
  });

  it('a split key does not depend on how many are split, and is foldIn of its index', () => {
    fc.assert(
      fc.property(anyKey, fc.integer({ min: 1, max: 20 }), (k, n) => {
        const keys = split(k, n);
        expect(keys).toHaveLength(n);
        expect(split(k, n + 5).slice(0, n)).toEqual(keys);
        expect(keys.map((_, i) => foldIn(k, i))).toEqual(keys);
      }),
    );
  });

  it('distinct data give distinct keys', () => {
    fc.assert(
      fc.property(anyKey, u32, u32, (k, a, b) => {
        fc.pre(a !== b);
        expect(foldIn(k, a)).not.toEqual(foldIn(k, b));
      }),
    );
  });
});
