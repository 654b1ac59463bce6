import { describe, expect, it } from 'vitest';
import { threefry2x32 } from '../src/threefry.js';

const block = (k: readonly [number, number], c: readonly [number, number]): readonly number[] => {
  const out = new Uint32Array(2);
  threefry2x32(k[0], k[1], c[0], c[1], out, 0);
  return Array.from(out);
};

// Known-answer vectors of Random123 (`kat_vectors`, threefry2x32 20 rounds).
describe('threefry2x32', () => {
  it('gives the published words', () => {
    const ones = 0xffffffff;
    expect(block([0, 0], [0, 0])).toEqual([0x6b200159, 0x99ba4efe]);
    expect(block([ones, ones], [ones, ones])).toEqual([0x1cb996fc, 0xbb002be7]);
    expect(block([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([0xc4923a9c, 0x483df7a0]);
  });
});
