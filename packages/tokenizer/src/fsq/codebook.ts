import * as E from 'fp-ts/lib/Either.js';
import { roundHalfEven } from '../fast/coefficients.js';
import type { ActionTokenError } from '../fast/error.js';

/** A finite scalar quantiser: a token is a number whose digits are the bins of the latent dimensions. */
export type FsqCodebook = {
  /** Bins of each latent dimension; the first digit counts least. */
  readonly bins: readonly number[];
  /** `Π bins`. */
  readonly vocabSize: number;
  /** Token of latents in [-1, 1] (after `tanh`), one per dimension. */
  readonly encode: (latents: ArrayLike<number>) => number;
  /** Quantised latents of a token. */
  readonly decode: (token: number) => Float64Array;
};

const tables: Readonly<Record<'fsq' | 'custom', Readonly<Record<number, readonly number[]>>>> = {
  fsq: {
    256: [8, 6, 5],
    1024: [8, 5, 5, 5],
    4096: [7, 5, 5, 5, 5],
    16384: [8, 8, 8, 6, 5],
    65536: [8, 8, 8, 5, 5, 5],
  },
  custom: { 256: [16, 16], 1024: [32, 32], 4096: [64, 64], 16384: [128, 128], 65536: [256, 256] },
};

/**
 * Bins of a codebook of about `size` tokens: `fsq` as in the paper on finite scalar quantisation, `custom` two dimensions (what openpi's
 * tokenizer uses), `lfq` two bins in each of log₂ `size` dimensions.
 *
 * @errors `BadFit` for a size without a table.
 * @source openpi `models/utils/fsq_tokenizer.py` `FsqCodebook` (15a9616)
 */
export const fsqBins = (
  size: number,
  type: 'fsq' | 'custom' | 'lfq',
): E.Either<ActionTokenError, readonly number[]> => {
  const bits = Math.log2(size);
  if (type === 'lfq' && Number.isInteger(bits) && bits > 0) return E.right(Array.from({ length: bits }, () => 2));
  const bins = type === 'lfq' ? undefined : tables[type][size];
  return bins === undefined
    ? E.left({
        _tag: 'BadFit',
        reason: `a ${type} codebook of ${size}: expected 2^8, 2^10, 2^12, 2^14 or 2^16 (lfq: a power of two)`,
      })
    : E.right(bins);
};

/**
 * The arithmetic of a finite scalar quantiser.
 *
 * @errors `BadFit` for bins that are no integers from 2.
 * @law `encode(decode(t)) = t`; every latent in [-1, 1] comes back within `1 / (bins − 1)`.
 * @source openpi `models/utils/fsq_tokenizer.py` `FsqCodebook.encode`, `decode`, without its learned projections (15a9616)
 */
export const fsqCodebook = (bins: readonly number[]): E.Either<ActionTokenError, FsqCodebook> => {
  const vocabSize = bins.reduce((product, b) => product * b, 1);
  if (bins.length === 0 || bins.some((b) => !Number.isInteger(b) || b < 2) || vocabSize > 2 ** 31) {
    return E.left({
      _tag: 'BadFit',
      reason: `bins ${bins.join(', ')}: expected integers from 2 with a product up to 2^31`,
    });
  }
  return E.right({
    bins,
    vocabSize,
    encode: (latents) => {
      let token = 0;
      for (let i = bins.length - 1; i >= 0; i -= 1) {
        const b = bins[i] ?? 2;
        token = token * b + Math.min(b - 1, Math.max(0, roundHalfEven((((latents[i] ?? 0) + 1) * (b - 1)) / 2)));
      }
      return token;
    },
    decode: (token) => {
      let rest = token;
      return Float64Array.from(bins, (b) => {
        const digit = rest % b;
        rest = Math.floor(rest / b);
        return (digit / (b - 1)) * 2 - 1;
      });
    },
  });
};
