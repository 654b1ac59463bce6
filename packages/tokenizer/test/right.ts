import * as E from 'fp-ts/lib/Either.js';
import type { TokenizerError } from '../src/index.js';
import { showTokenizerError } from '../src/index.js';

/** The value, or the error thrown in words. */
export const right = <A>(result: E.Either<TokenizerError, A>): A => {
  if (E.isLeft(result)) throw new Error(showTokenizerError(result.left));
  return result.right;
};
