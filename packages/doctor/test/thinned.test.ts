import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile, thinned } from '../src/thinned.js';

const kept = (width: number, blocks: readonly Float32Array[], dim: number): readonly number[] => {
  const sample = thinned(width);
  for (const block of blocks) sample.add(block);
  return [...sample.sorted(dim)];
};

const counting = (rows: number): Float32Array => Float32Array.from({ length: rows }, (_, i) => i);

describe('thinned', () => {
  it('keeps every row of few', () => {
    expect(kept(2, [Float32Array.of(3, 10, 1, 20, 2, 30)], 0)).toEqual([1, 2, 3]);
    expect(kept(2, [Float32Array.of(3, 10, 1, 20, 2, 30)], 1)).toEqual([10, 20, 30]);
  });

  it('keeps every second of 16,385, every fourth of 32,769', () => {
    const values = kept(1, [counting(16_385)], 0);
    expect(values.length).toBe(8193);
    expect(values.slice(0, 3)).toEqual([0, 2, 4]);
    expect(values.at(-1)).toBe(16_384);
    expect(kept(1, [counting(32_769)], 0).slice(0, 3)).toEqual([0, 4, 8]);
  });

  it('does not depend on blocks', () => {
    const all = counting(50_000);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50_000 }), { maxLength: 6 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), 50_000];
        const blocks = edges.slice(1).map((end, i) => all.subarray(edges[i], end));
        expect(kept(1, blocks, 0)).toEqual(kept(1, [all], 0));
      }),
      { numRuns: 20 },
    );
  });
});

describe('quantile', () => {
  // numpy.quantile([1, 2, 4, 8], [0, 0.01, 0.5, 0.99, 1])
  it.each([
    [0, 1],
    [0.01, 1.03],
    [0.5, 3],
    [0.99, 7.88],
    [1, 8],
  ])('%d is that of numpy, %d', (q, expected) => {
    expect(quantile(Float32Array.of(1, 2, 4, 8), q)).toBeCloseTo(expected, 12);
  });

  it('of nothing is not a number', () => expect(quantile(new Float32Array(0), 0.5)).toBeNaN());
});
