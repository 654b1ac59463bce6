import * as E from 'fp-ts/lib/Either.js';
import type { TokenizerError } from './error.js';
import type { TokenSequence } from './sequence.js';

/** How many sequences were cut. */
export type Truncation = {
  readonly sequences: number;
  readonly truncated: number;
  readonly tokensCut: number;
  /** Task of the first sequence that was cut. */
  readonly firstTask: string | undefined;
};

/** Nothing counted yet. */
export const noTruncation: Truncation = { sequences: 0, truncated: 0, tokensCut: 0, firstTask: undefined };

/**
 * The counts with one sequence more, made with `onTooLong: 'truncate'`.
 *
 * @law `truncated ≤ sequences`; the order of the sequences changes only `firstTask`.
 */
export const countTruncation = (counts: Truncation, task: string, { truncated }: TokenSequence): Truncation => ({
  sequences: counts.sequences + 1,
  truncated: counts.truncated + (truncated > 0 ? 1 : 0),
  tokensCut: counts.tokensCut + truncated,
  firstTask: counts.firstTask ?? (truncated > 0 ? task : undefined),
});

/**
 * The counts, where no larger share of the sequences than `maxShare` was cut.
 *
 * @errors `TooManyTruncated`.
 */
export const checkTruncation = (counts: Truncation, maxShare: number): E.Either<TokenizerError, Truncation> => {
  const { sequences, truncated, tokensCut, firstTask } = counts;
  return truncated <= maxShare * sequences
    ? E.right(counts)
    : E.left({ _tag: 'TooManyTruncated', truncated, sequences, tokensCut, task: firstTask ?? '', maxShare });
};
