import * as E from 'fp-ts/lib/Either.js';
import { showVideoError, type VideoError } from '../src/index.js';

/** The right side; a left fails the test with its sentence. */
export const right = <A>(either: E.Either<VideoError | { readonly _tag: string }, A>): A => {
  if (E.isRight(either)) return either.right;
  throw new Error(showVideoError(either.left as VideoError));
};
