import * as E from 'fp-ts/lib/Either.js';

/** The right side; a left one fails the test with what it says. */
export const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

/** The left side; a right one fails the test. */
export const left = <L>(either: E.Either<L, unknown>): L => {
  if (E.isRight(either)) throw new Error('nothing was refused');
  return either.left;
};
