import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TokenizerError } from '../error.js';
import { inVocabulary } from '../in-vocabulary.js';
import type { Marks, TextTokenizer } from '../interfaces.js';

/** Ids of the marks of a vocabulary. */
export type MarkIds = {
  readonly bos: number;
  readonly eos: number;
  /** Ids that decode to nothing: the marks and padding. */
  readonly silent: ReadonlySet<number>;
  /** The id that stands for whatever has none; `undefined` where every text has ids. */
  readonly unknown: number | undefined;
};

/** Text to ids and back, without marks. */
export type PlainTokenizer = {
  readonly encode: (text: string) => readonly number[];
  readonly decode: (tokens: readonly number[]) => string;
};

const attempt = <A>(text: string, compute: () => A): E.Either<TokenizerError, A> =>
  E.tryCatch(compute, (cause) => ({ _tag: 'NotTokenisable', text, reason: String(cause) }));

const wellFormed = (text: string): E.Either<TokenizerError, string> =>
  /\p{Surrogate}/u.test(text)
    ? E.left({ _tag: 'NotTokenisable', text, reason: 'it has half of a surrogate pair and no UTF-8 form' })
    : E.right(text);

/**
 * A text tokenizer of a library's encoder and decoder: adds and skips the marks, and refuses what would be lost.
 *
 * @errors encode: `NotTokenisable` for half of a surrogate pair and for what the vocabulary has no ids for. decode: `TokenOutOfRange`.
 */
export const withMarks = (plain: PlainTokenizer, vocabSize: number, marks: MarkIds): TextTokenizer => ({
  vocabSize,
  encode: (text: string, { addBos, addEos }: Marks) =>
    pipe(
      wellFormed(text),
      E.flatMap(() => attempt(text, () => plain.encode(text))),
      E.filterOrElse(
        (ids) => marks.unknown === undefined || !ids.includes(marks.unknown),
        (): TokenizerError => ({ _tag: 'NotTokenisable', text, reason: 'the vocabulary lacks some of its characters' }),
      ),
      E.map((ids) => [...(addBos ? [marks.bos] : []), ...ids, ...(addEos ? [marks.eos] : [])]),
    ),
  decode: (tokens) =>
    pipe(
      inVocabulary(vocabSize)(tokens),
      E.map((ids) => ids.filter((id) => !marks.silent.has(id))),
      E.flatMap((ids) => (ids.length === 0 ? E.right('') : attempt('', () => plain.decode(ids)))),
    ),
});
