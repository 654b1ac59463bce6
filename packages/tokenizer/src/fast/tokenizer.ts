import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TokenizerError } from '../error.js';
import { inVocabulary } from '../in-vocabulary.js';
import type { ActionChunk, ActionTokenizer, CountedTokens, CountingActionTokenizer } from '../interfaces.js';
import { byteIds, decodeBytePairs, encodeBytePairs } from './byte-pairs.js';
import { firstSurrogate, fromUtf8, textOf, utf8 } from './bytes.js';
import { coefficients, matrices } from './coefficients.js';
import { idct } from './dct.js';
import type { ActionTokenError } from './error.js';
import type { FastProcessor } from './processor.js';

/** What becomes of a value that the tokenizer has no token for: `refuse` (the default), or `clamp` to the nearest it has, counted. */
export type RangeOptions = {
  readonly onOutOfRange?: 'refuse' | 'clamp';
};

type Shape = ActionChunk['shape'];

const checkShape = ({ timeHorizon, actionDim }: FastProcessor, shape: Shape): E.Either<ActionTokenError, Shape> => {
  const [ah, ad] = [timeHorizon ?? shape[0], actionDim ?? shape[1]];
  return ah === shape[0] && ad === shape[1]
    ? E.right(shape)
    : E.left({ _tag: 'BadActionShape', shape, values: shape[0] * shape[1], expected: `${ah}×${ad}, as it was fitted` });
};

type Alphabet = {
  readonly has: (coefficient: number) => boolean;
  readonly lowest: number;
  readonly highest: number;
};

// A coefficient has a character from minToken on, and tokens where the vocabulary has that character's bytes.
const alphabetOf = ({ bytePairs, minToken }: FastProcessor): Alphabet => {
  const ids = byteIds(bytePairs);
  const has = Array.from({ length: firstSurrogate }, (_, code) => utf8(code).every((byte) => (ids[byte] ?? -1) >= 0));
  return {
    has: (c) => has[c - minToken] === true,
    lowest: minToken + has.indexOf(true),
    highest: minToken + has.lastIndexOf(true),
  };
};

const nearest = ({ has, lowest, highest }: Alphabet, coefficient: number): number => {
  const inside = Math.min(highest, Math.max(lowest, coefficient));
  let distance = 0;
  while (!has(inside - distance) && !has(inside + distance)) distance += 1;
  return has(inside - distance) ? inside - distance : inside + distance;
};

type Clamped = {
  readonly values: readonly number[];
  readonly clamped: number;
};

const inAlphabet =
  (alphabet: Alphabet, { onOutOfRange = 'refuse' }: RangeOptions, ad: number) =>
  (values: readonly number[]): E.Either<ActionTokenError, Clamped> => {
    const outside = values.findIndex((c) => !alphabet.has(c));
    if (outside < 0) return E.right({ values, clamped: 0 });
    if (onOutOfRange === 'refuse' || alphabet.lowest > alphabet.highest) {
      const [frequency, dimension, coefficient] = [Math.floor(outside / ad), outside % ad, values[outside] ?? 0];
      const { lowest, highest } = alphabet;
      return E.left({ _tag: 'CoefficientOutOfRange', frequency, dimension, coefficient, lowest, highest });
    }
    const clamped = values.filter((c) => !alphabet.has(c)).length;
    return E.right({ values: values.map((c) => (alphabet.has(c) ? c : nearest(alphabet, c))), clamped });
  };

// Bytes that are no UTF-8 would become U+FFFD, a coefficient out of nowhere.
const codesOf = (bytes: readonly number[] | undefined, tokens: number): E.Either<TokenizerError, readonly number[]> =>
  E.fromNullable<TokenizerError>({ _tag: 'BrokenCoefficient', tokens })(bytes === undefined ? bytes : fromUtf8(bytes));

const decoder = (processor: FastProcessor, matrixOf: (n: number) => Float64Array): ActionTokenizer['decode'] => {
  const toBytes = decodeBytePairs(processor.bytePairs);
  const vocabSize = processor.bytePairs.vocab.length;
  return (tokens, shape) =>
    pipe(
      inVocabulary(vocabSize)(tokens),
      E.flatMap((): E.Either<TokenizerError, Shape> => checkShape(processor, shape)),
      E.flatMap(() => codesOf(toBytes(tokens), tokens.length)),
      E.map((codes) => codes.map((code) => code + processor.minToken)),
      E.filterOrElse(
        (values) => values.length === shape[0] * shape[1],
        (values): TokenizerError => ({ _tag: 'BadActionTokens', tokens: tokens.length, values: values.length, shape }),
      ),
      E.map((values) => {
        const frequencies = values.map((c) => c / processor.scale);
        return { shape, data: idct(matrixOf(shape[0]), frequencies, shape) };
      }),
    );
};

/**
 * FAST: actions to byte-pair tokens of their quantised frequencies, and back.
 *
 * Given a processor from `fitFast` or `readFast`. A horizon and width that the processor names are the only ones it takes.
 *
 * @errors encode: `BadAction`, `BadActionShape`, `CoefficientOutOfRange` (which the published processor clamps or drops in silence).
 * decode: `TokenOutOfRange`, `BrokenCoefficient`, and `BadActionTokens` where the published processor returns zeros.
 * @law per dimension, the L2 norm over time of `decode(encode(a)) − a` is at most `√ah / (2 scale)`, where nothing was clamped.
 * @source the published processor `physical-intelligence/fast`, `__call__` and `decode`
 */
export const fastTokenizer = (processor: FastProcessor, options: RangeOptions = {}): CountingActionTokenizer => {
  const matrixOf = matrices();
  const quantise = coefficients(processor.scale, matrixOf);
  const toTokens = encodeBytePairs(processor.bytePairs);
  const alphabet = alphabetOf(processor);
  const encodeCounted = (actions: ActionChunk): E.Either<TokenizerError, CountedTokens> =>
    pipe(
      checkShape(processor, actions.shape),
      E.flatMap(() => quantise(actions)),
      E.flatMap(inAlphabet(alphabet, options, actions.shape[1])),
      E.map(({ values, clamped }) => ({
        tokens: toTokens(textOf(values, processor.minToken)),
        clamped,
      })),
    );
  return {
    vocabSize: processor.bytePairs.vocab.length,
    encodeCounted,
    encode: (actions) => E.map(({ tokens }: CountedTokens) => tokens)(encodeCounted(actions)),
    decode: decoder(processor, matrixOf),
  };
};
