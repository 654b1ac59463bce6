import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecodedChunk, decodingCounts } from '../../src/index.js';

const chunk: fc.Arbitrary<DecodedChunk> = fc.record({
  tokens: fc.nat(20),
  failure: fc.option(fc.constantFrom('no marker', 'too few'), { nil: null }),
});

describe('decodingCounts', () => {
  it('counts chunks, tokens and failures, and shows the first of those', () => {
    const chunks = [
      { tokens: 3, failure: null },
      { tokens: 5, failure: 'no marker' },
      { tokens: 7, failure: 'too few' },
    ];
    expect(decodingCounts(chunks)).toEqual({ chunks: 3, tokens: 15, failures: 2, example: 'no marker' });
    expect(decodingCounts([])).toEqual({ chunks: 0, tokens: 0, failures: 0, example: null });
  });

  it('of a list is the sum of those of its parts', () => {
    fc.assert(
      fc.property(fc.array(chunk), fc.array(chunk), (first, second) => {
        const [a, b] = [decodingCounts(first), decodingCounts(second)];
        expect(decodingCounts([...first, ...second])).toEqual({
          chunks: a.chunks + b.chunks,
          tokens: a.tokens + b.tokens,
          failures: a.failures + b.failures,
          example: a.example ?? b.example,
        });
      }),
    );
  });
});
