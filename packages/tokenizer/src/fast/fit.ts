import * as E from 'fp-ts/lib/Either.js';
import type { ActionChunk } from '../interfaces.js';
import { byteCharacters, firstSurrogate, textOf, utf8 } from './bytes.js';
import { coefficients } from './coefficients.js';
import type { ActionTokenError } from './error.js';
import type { FastProcessor } from './processor.js';
import { trainBytePairs } from './train.js';

/** How a FAST tokenizer is fitted. */
export type FitOptions = {
  /** What coefficients are multiplied with before they are rounded; default 10. */
  readonly scale?: number;
  /** Ids of the vocabulary; default 1024. */
  readonly vocabSize?: number;
  /**
   * `whole` (the default): pairs merge across the whole chunk, and every coefficient between the lowest and the highest of the data can
   * be encoded. `published`: as the published processor's own `fit`, which cuts the coefficients at letters, digits and white space, spends
   * ids on characters that never occur, and leaves bytes that the data lack without one.
   */
  readonly form?: 'whole' | 'published';
};

type Fit<A> = E.Either<ActionTokenError, A>;

const badFit = (reason: string): Fit<never> => E.left({ _tag: 'BadFit', reason });

const everyChunk = (chunks: Iterable<ActionChunk>, scale: number): Fit<readonly (readonly number[])[]> => {
  const quantise = coefficients(scale);
  const all: (readonly number[])[] = [];
  for (const chunk of chunks) {
    const quantised = quantise(chunk);
    if (E.isLeft(quantised)) return quantised;
    all.push(quantised.right);
  }
  return all.length === 0 ? badFit('there is no chunk; give it the action chunks of a dataset') : E.right(all);
};

const rangeOf = (all: readonly (readonly number[])[]): readonly [number, number] => {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const quantised of all) {
    for (const c of quantised) {
      lowest = Math.min(lowest, c);
      highest = Math.max(highest, c);
    }
  }
  return [lowest, highest];
};

const alphabetOf = (span: number, form: 'whole' | 'published'): readonly string[] => {
  const codes = Array.from({ length: span + 1 }, (_, code) => code);
  if (form === 'published') return codes.map((code) => String.fromCharCode(code));
  return [...new Set(codes.flatMap(utf8))].map((byte) => byteCharacters[byte] ?? '');
};

const shared = (values: Iterable<number>): number | null => {
  const [first, ...others] = new Set(values);
  return first === undefined || others.length > 0 ? null : first;
};

const checkOptions = (scale: number, vocabSize: number): Fit<null> => {
  if (!(scale > 0 && Number.isFinite(scale))) return badFit(`scale is ${scale}: expected a number above 0`);
  return Number.isSafeInteger(vocabSize) && vocabSize > 0 && vocabSize <= maxVocab
    ? E.right(null)
    : badFit(`vocabSize is ${vocabSize}: expected an integer from 1 to ${maxVocab}`);
};

// Pairs are counted under left · vocabSize + right, which must stay a safe integer.
const maxVocab = 2 ** 20;

/**
 * A FAST tokenizer fitted on the action chunks of a dataset: the coefficients' range, and byte pairs over them.
 *
 * Given normalized chunks; all are kept as coefficients while it runs. The same chunks in any order give the same tokenizer.
 *
 * @errors `BadActionShape`, `BadAction`; `BadFit` without chunks, for a scale or size that makes no sense, and for a `vocabSize` that the
 * alphabet alone exceeds.
 * @law every chunk it was fitted on comes back within the quantisation; the order of the chunks changes nothing.
 * @source the published processor `physical-intelligence/fast`, `fit`
 */
export const fitFast = (
  chunks: Iterable<ActionChunk>,
  { scale = 10, vocabSize = 1024, form = 'whole' }: FitOptions = {},
): E.Either<ActionTokenError, FastProcessor> => {
  const options = checkOptions(scale, vocabSize);
  if (E.isLeft(options)) return options;
  const list = [...chunks];
  const all = everyChunk(list, scale);
  if (E.isLeft(all)) return all;
  const [minToken, maxToken] = rangeOf(all.right);
  const span = maxToken - minToken;
  if (span >= firstSurrogate) {
    return badFit(
      `the coefficients span ${span}, and at most ${firstSurrogate - 1} have characters; normalize the actions or lower scale`,
    );
  }
  const texts = all.right.map((quantised) => textOf(quantised, minToken));
  const split = form === 'published' ? 'words' : 'none';
  const bytePairs = trainBytePairs(texts, { vocabSize, alphabet: alphabetOf(span, form), split });
  const size = bytePairs.vocab.length;
  if (size > vocabSize) {
    return badFit(
      `the coefficients from ${minToken} to ${maxToken} take ${size} ids and vocabSize is ${vocabSize}; raise it or lower scale`,
    );
  }
  const timeHorizon = shared(list.map(({ shape }) => shape[0]));
  const actionDim = shared(list.map(({ shape }) => shape[1]));
  return E.right({ scale, vocabSize, minToken, timeHorizon, actionDim, bytePairs });
};
