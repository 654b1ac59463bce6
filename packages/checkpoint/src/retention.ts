import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from './error.js';

/** Which checkpoints stay: the newest `keep`, and every step that `keepPeriod` divides. */
export type Retention = {
  readonly keep: number;
  readonly keepPeriod?: number;
};

const positive = (field: string, value: number): E.Either<CheckpointError, number> =>
  Number.isSafeInteger(value) && value > 0
    ? E.right(value)
    : E.left({ _tag: 'BadPolicy', field, expected: `an integer from 1, not ${value}` });

/**
 * Steps that a retention policy lets go, oldest first.
 *
 * @errors `BadPolicy` when `keep` or `keepPeriod` is not a positive integer.
 * @law the newest step stays; pruning twice removes nothing more.
 */
export const stepsToPrune = (
  steps: readonly number[],
  { keep, keepPeriod }: Retention,
): E.Either<CheckpointError, readonly number[]> => {
  const newest = positive('keep', keep);
  if (E.isLeft(newest)) return newest;
  const period = keepPeriod === undefined ? E.right(undefined) : positive('keepPeriod', keepPeriod);
  if (E.isLeft(period)) return period;
  const isKept = (step: number): boolean => period.right !== undefined && step % period.right === 0;
  const ascending = [...steps].sort((a, b) => a - b);
  return E.right(ascending.slice(0, Math.max(0, ascending.length - keep)).filter((step) => !isKept(step)));
};
