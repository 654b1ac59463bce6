import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TokenizerError } from '../error.js';
import { checkChunk } from '../fast/coefficients.js';
import type { ActionTokenError } from '../fast/error.js';
import type { RangeOptions } from '../fast/tokenizer.js';
import { inVocabulary } from '../in-vocabulary.js';
import type { ActionChunk, CountedTokens, CountingActionTokenizer } from '../interfaces.js';

const toBins =
  (bins: number, { onOutOfRange = 'refuse' }: RangeOptions) =>
  ({ data, shape }: ActionChunk): E.Either<ActionTokenError, CountedTokens> => {
    // Bin i holds [i, i + 1) · 2 / bins − 1, and the last one 1 too.
    const outside = Array.from(data, (value) => value < -1 || value > 1);
    const first = outside.indexOf(true);
    if (first >= 0 && onOutOfRange === 'refuse') {
      const [step, dimension] = [Math.floor(first / shape[1]), first % shape[1]];
      return E.left({ _tag: 'ActionOutOfRange', step, dimension, value: data[first] ?? Number.NaN, bound: 1 });
    }
    const tokens = Array.from(data, (a) => Math.min(bins - 1, Math.max(0, Math.floor(((a + 1) / 2) * bins))));
    return E.right({ tokens, clamped: outside.filter((is) => is).length });
  };

/**
 * One token per value: `bins` equal ones over [-1, 1], read back as their lower edge.
 *
 * @errors encode: `BadAction`, `BadActionShape`, `ActionOutOfRange`. decode: `TokenOutOfRange`, and `BadActionTokens` for another count than
 * `ah · ad`, where openpi returns zeros or drops the rest.
 * @law `0 ≤ a − decode(encode(a)) ≤ 2 / bins`, within rounding, where nothing was clamped; `encode(decode(t)) = t`.
 * @source openpi `models/tokenizer.py` `BinningTokenizer.extract_actions` (15a9616); openpi has no encoder
 */
export const binningTokenizer = (bins = 256, options: RangeOptions = {}): CountingActionTokenizer => {
  const encodeCounted: CountingActionTokenizer['encodeCounted'] = (actions) =>
    pipe(checkChunk(actions), E.flatMap(toBins(bins, options)));
  return {
    vocabSize: bins,
    encodeCounted,
    encode: (actions) => E.map(({ tokens }: CountedTokens) => tokens)(encodeCounted(actions)),
    decode: (tokens, shape) =>
      pipe(
        inVocabulary(bins)(tokens),
        E.filterOrElse(
          ({ length }) => length === shape[0] * shape[1],
          ({ length }): TokenizerError => ({ _tag: 'BadActionTokens', tokens: length, values: length, shape }),
        ),
        E.map((ids) => ({ shape, data: Float64Array.from(ids, (t) => (t / bins) * 2 - 1) })),
      ),
  };
};
