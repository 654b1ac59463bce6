import * as E from 'fp-ts/lib/Either.js';
import { type DataError, showDataError } from '../src/error.js';

/** The value of an Either that must be right; its message otherwise. */
export const right = <A>(result: E.Either<DataError, A>): A => {
  if (E.isLeft(result)) throw new Error(showDataError(result.left));
  return result.right;
};

/** The error of an Either that must be left. */
export const left = <A>(result: E.Either<DataError, A>): DataError => {
  if (E.isRight(result)) throw new Error('expected an error');
  return result.left;
};
