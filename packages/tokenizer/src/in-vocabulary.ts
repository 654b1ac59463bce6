import * as E from 'fp-ts/lib/Either.js';
import type { TokenizerError } from './error.js';

/** The tokens, where each is an id of a vocabulary of this size. */
export const inVocabulary =
  (vocabSize: number) =>
  (tokens: readonly number[]): E.Either<TokenizerError, readonly number[]> => {
    const token = tokens.find((t) => !Number.isSafeInteger(t) || t < 0 || t >= vocabSize);
    return token === undefined ? E.right(tokens) : E.left({ _tag: 'TokenOutOfRange', token, vocabSize });
  };
