import { type NextTokens, nextTokens } from '@torsor/losses';
import {
  add,
  and,
  argmax,
  convert,
  type Expr,
  eq,
  expandDims,
  gather,
  iota,
  lt,
  reduceSum,
  withType,
} from '@torsor/tensor';
import type { FastObservation } from '../observation.js';

/** The positions whose next token is predicted. */
export type PredictedPositions = NextTokens & {
  /** `[b, n, d]`, and `targets` and `mask` `[b, n]` alike. */
  readonly preLogits: Expr;
  /** `bool[b]`, whether every token that counts is among the positions; absent where all positions are. */
  readonly complete?: Expr;
};

const countOf = (mask: Expr): Expr => reduceSum(convert(mask, 'i32'), [1]);

/**
 * The positions that a loss needs: all of them, or as many as asked for from the first one on whose next token counts.
 *
 * @param preLogits - `[b, l − 1, d]`.
 * @param lossTokens - n, at most l − 1.
 */
export const predictedPositions = (
  preLogits: Expr,
  { tokenizedPrompt, tokenLossMask }: FastObservation,
  lossTokens: number | undefined,
): PredictedPositions => {
  const { targets, mask } = nextTokens(tokenizedPrompt, tokenLossMask);
  if (lossTokens === undefined) return { preLogits, targets, mask };
  const first = expandDims(argmax(convert(mask, 'i32'), 1), 1);
  const at = withType(mask, ({ shape: [b = 0] }) => add(first, iota('i32', [b, lossTokens], 1)));
  const taken = (x: Expr): Expr => gather(x, at, 1, 1);
  // Positions behind the end are clamped to the last one by `gather`, which must not count twice.
  const counts = withType(mask, ({ shape: [, length = 0] }) => and(taken(mask), lt(at, length)));
  return {
    preLogits: taken(preLogits),
    targets: taken(targets),
    mask: counts,
    complete: eq(countOf(counts), countOf(mask)),
  };
};
