import { concatenate, tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ropeTable } from '../src/index.js';
import { given, largestDifference, numbersOf } from './evaluate.js';

const headDim = 16;
const half = headDim / 2;

/** Cosines, then negated sines, of the first half of a head at a position; every operation rounded to float32. */
const inFloat32 = (position: number): readonly number[] => {
  const found = numbersOf(
    [tensorType('i32', [1, 1])],
    [[position]],
    (p) => {
      const { cos, sin } = ropeTable(given(p), headDim, 'f32');
      return concatenate([cos, sin], 0);
    },
    'declared',
  );
  return [...found.slice(0, half), ...found.slice(headDim, headDim + half)];
};

describe('ropeTable in float32', () => {
  it('has the angles of a division by rounded timescales, to their last bit', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 4095 }), (position) => {
        const angles = Array.from({ length: half }, (_, i) =>
          Math.fround(position / Math.fround(10_000 ** ((2 * i) / headDim))),
        );
        const expected = [...angles.map(Math.cos), ...angles.map((angle) => -Math.sin(angle))];
        // One unit in the last place of the largest angle, and what rounding the cosine loses.
        const unit = 2 ** (Math.floor(Math.log2(Math.max(1, position))) - 23);
        expect(largestDifference(inFloat32(position), expected)).toBeLessThanOrEqual(unit + 2 ** -24);
      }),
    );
  });

  it('has nearly all of them exactly', () => {
    const exact = Array.from({ length: 300 }, (_, i) => 13 * i).flatMap((position) => {
      const found = inFloat32(position);
      return Array.from({ length: half }, (_, i) => {
        const angle = Math.fround(position / Math.fround(10_000 ** ((2 * i) / headDim)));
        return found[i] === Math.fround(Math.cos(angle));
      });
    });
    const share = exact.filter(Boolean).length / exact.length;
    expect(share).toBeGreaterThan(0.99);
  });
});
