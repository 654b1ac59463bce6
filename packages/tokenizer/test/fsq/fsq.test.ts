import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { fsqBins, fsqCodebook, fsqTokenizer } from '../../src/index.js';
import { right } from '../right.js';

const codebooks = fc
  .array(fc.integer({ min: 2, max: 9 }), { minLength: 1, maxLength: 5 })
  .map((bins) => right(fsqCodebook(bins)));

describe('fsqCodebook', () => {
  it('gives every token back', () => {
    fc.assert(
      fc.property(codebooks, fc.nat(), (codebook, n) => {
        const token = n % codebook.vocabSize;
        expect(codebook.encode(codebook.decode(token))).toBe(token);
      }),
    );
  });

  it('gives latents back within half a bin', () => {
    const latent = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(codebooks, fc.array(latent, { minLength: 5, maxLength: 5 }), (codebook, latents) => {
        const back = codebook.decode(codebook.encode(latents));
        for (const [i, b] of codebook.bins.entries()) {
          expect(Math.abs((back[i] ?? 0) - (latents[i] ?? 0))).toBeLessThanOrEqual(1 / (b - 1) + 1e-12);
        }
      }),
    );
  });

  // openpi's undigitize: Σ digit · place value, place values 1, 8, 8 · 6
  it('counts the first digit least', () => {
    const codebook = right(fsqCodebook(right(fsqBins(256, 'fsq'))));
    expect([
      codebook.vocabSize,
      codebook.encode([1, -1, -1]),
      codebook.encode([-1, 1, -1]),
      codebook.encode([-1, -1, 1]),
    ]).toEqual([240, 7, 40, 192]);
  });

  it.each([
    [1024, 'fsq', [8, 5, 5, 5]],
    [1024, 'custom', [32, 32]],
    [16, 'lfq', [2, 2, 2, 2]],
  ] as const)('bins of %d, %s', (size, type, bins) => {
    expect(fsqBins(size, type)).toEqual(E.right(bins));
  });

  it('refuses sizes without a table, and bins that hold nothing', () => {
    expect(fsqBins(100, 'custom')).toMatchObject(E.left({ _tag: 'BadFit' }));
    expect(fsqBins(100, 'lfq')).toMatchObject(E.left({ _tag: 'BadFit' }));
    for (const bins of [[], [1], [2.5], [65_536, 65_536]])
      expect(fsqCodebook(bins)).toMatchObject(E.left({ _tag: 'BadFit' }));
  });
});

describe('fsqTokenizer', () => {
  // A network without weights: each value is a latent.
  const codebook = right(fsqCodebook([32, 32]));
  const tokenizer = fsqTokenizer(codebook, {
    numTokens: 3,
    encode: ({ data }) => E.right(data),
    decode: (latents, shape) => E.right({ shape, data: latents }),
  });
  const shape = [3, 2] as const;

  it('gives actions back within the quantiser', () => {
    const unit = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(unit, { minLength: 6, maxLength: 6 }), (values) => {
        const tokens = right(tokenizer.encode({ shape, data: Float64Array.from(values) }));
        const { data } = right(tokenizer.decode(tokens, shape));
        for (const [i, a] of values.entries()) expect(Math.abs((data[i] ?? 0) - a)).toBeLessThanOrEqual(1 / 31 + 1e-12);
        expect(tokens).toHaveLength(3);
      }),
    );
  });

  it('refuses another count of tokens or latents', () => {
    expect(tokenizer.decode([1, 2], shape)).toMatchObject(E.left({ _tag: 'BadActionTokens', tokens: 2 }));
    expect(tokenizer.decode([1, 2, 1024], shape)).toMatchObject(E.left({ _tag: 'TokenOutOfRange' }));
    expect(tokenizer.encode({ shape: [2, 2], data: new Float64Array(4) })).toMatchObject(
      E.left({ _tag: 'BadActions' }),
    );
  });
});
