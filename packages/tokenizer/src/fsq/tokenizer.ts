import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TokenizerError } from '../error.js';
import { checkChunk } from '../fast/coefficients.js';
import type { RangeOptions } from '../fast/tokenizer.js';
import { inVocabulary } from '../in-vocabulary.js';
import type { ActionChunk, CountedTokens, CountingActionTokenizer } from '../interfaces.js';
import type { FsqCodebook } from './codebook.js';

/** The learned halves of an FSQ tokenizer, around its codebook. */
export type FsqNetwork = {
  /** Latents `[tokens, dimensions of the codebook]` in row-major order, in [-1, 1] (after `tanh`). */
  readonly encode: (actions: ActionChunk) => E.Either<TokenizerError, ArrayLike<number>>;
  /** Actions of quantised latents in the same order. */
  readonly decode: (latents: Float64Array, shape: ActionChunk['shape']) => E.Either<TokenizerError, ActionChunk>;
  /** Tokens of a chunk: openpi's `num_tokens`. */
  readonly numTokens: number;
  /** The largest size of an action that it was trained on; openpi clips to it in silence. */
  readonly bound?: number;
};

const withinBound = (
  bound: number,
  actions: ActionChunk,
  { onOutOfRange = 'refuse' }: RangeOptions,
): E.Either<TokenizerError, Bounded> => {
  const { data, shape } = actions;
  const outside = Array.from(data, (value) => Math.abs(value) > bound);
  const first = outside.indexOf(true);
  if (first >= 0 && onOutOfRange === 'refuse') {
    const [step, dimension] = [Math.floor(first / shape[1]), first % shape[1]];
    return E.left({ _tag: 'ActionOutOfRange', step, dimension, value: data[first] ?? Number.NaN, bound });
  }
  const inside = Float64Array.from(data, (value) => Math.min(bound, Math.max(-bound, value)));
  return E.right({ actions: { shape, data: inside }, clamped: outside.filter((is) => is).length });
};

type Bounded = {
  readonly actions: ActionChunk;
  readonly clamped: number;
};

/**
 * FSQ: actions to tokens of a finite scalar quantiser between a learned encoder and decoder.
 *
 * @errors encode: `BadAction`, `BadActionShape`, `ActionOutOfRange`, `BadActions` for latents outside [-1, 1] or of another count. decode: `TokenOutOfRange`,
 * `BadActionTokens` for another count than `numTokens`. And those of the network.
 * @law the codes of a decoded sequence are its tokens, where the network gives quantised latents back.
 * @source openpi `models/utils/fsq_tokenizer.py` `FsqAttentionTokenizer.tokenize`, `detokenize` (15a9616)
 */
export const fsqTokenizer = (
  codebook: FsqCodebook,
  network: FsqNetwork,
  options: RangeOptions = {},
): CountingActionTokenizer => {
  const width = codebook.bins.length;
  const { numTokens, bound = Number.POSITIVE_INFINITY } = network;
  const tokensOf = (latents: ArrayLike<number>): E.Either<TokenizerError, readonly number[]> => {
    const values = Array.from(latents);
    return values.length === numTokens * width && values.every((z) => Math.abs(z) <= 1)
      ? E.right(Array.from({ length: numTokens }, (_, i) => codebook.encode(values.slice(i * width, (i + 1) * width))))
      : E.left({ _tag: 'BadActions', reason: `${values.length} latents: expected ${numTokens} × ${width} in [-1, 1]` });
  };
  const encodeCounted: CountingActionTokenizer['encodeCounted'] = (actions) =>
    pipe(
      checkChunk(actions),
      E.flatMap((checked): E.Either<TokenizerError, Bounded> => withinBound(bound, checked, options)),
      E.flatMap((bounded) =>
        pipe(
          network.encode(bounded.actions),
          E.flatMap(tokensOf),
          E.map((tokens) => ({ tokens, clamped: bounded.clamped })),
        ),
      ),
    );
  return {
    vocabSize: codebook.vocabSize,
    encodeCounted,
    encode: (actions) => E.map(({ tokens }: CountedTokens) => tokens)(encodeCounted(actions)),
    decode: (tokens, shape) =>
      pipe(
        inVocabulary(codebook.vocabSize)(tokens),
        E.filterOrElse(
          ({ length }) => length === numTokens,
          ({ length }): TokenizerError => ({
            _tag: 'BadActionTokens',
            tokens: length,
            values: length,
            shape: [numTokens, 1],
          }),
        ),
        E.flatMap((ids) => network.decode(Float64Array.from(ids.flatMap((t) => [...codebook.decode(t)])), shape)),
      ),
  };
};
