import {
  add,
  convert,
  div,
  dotGeneral,
  type Expr,
  exp,
  expandDims,
  reduceMax,
  reduceSum,
  refused,
  reshape,
  softmax,
  stopGradient,
  sub,
  transpose,
  withTypes,
} from '@torsor/tensor';
import { wideDType } from './precision.js';
import { blockRows, overQueryBlocks } from './query-blocks.js';

/** Heads first: `[b, s, k, n, e]` to `[b k, s n, e]`; without a copy when there is one group. */
const groupsFirst = (x: Expr, [b, s, k, n, e]: readonly [number, number, number, number, number]): Expr =>
  k === 1
    ? reshape(x, [b, s * n, e])
    : reshape(transpose(reshape(x, [b, s, k, n, e]), [0, 2, 1, 3, 4]), [b * k, s * n, e]);

/** The inverse of {@link groupsFirst}, to `[b, s, k n, e]`. */
const groupsBack = (x: Expr, [b, s, k, n, e]: readonly [number, number, number, number, number]): Expr =>
  k === 1
    ? reshape(x, [b, s, n, e])
    : reshape(transpose(reshape(x, [b, k, s, n, e]), [0, 2, 1, 3, 4]), [b, s, k * n, e]);

const batch = [[0], [0]] as const;

const mix = (weights: Expr, values: Expr): Expr => dotGeneral(weights, values, { contract: [[2], [1]], batch });

/**
 * softmax(scores) · values.
 *
 * Where no rounding to a narrower dtype comes in between, the sum divides the mixed values instead of the weights: there
 * are fewer of them, and the derivative passes twice over the scores instead of seven times.
 *
 * @param scores - `[n, t, s]`.
 * @param values - `[n, s, e]`.
 */
export const softmaxMix = (scores: Expr, values: Expr): Expr =>
  withTypes([scores, values], ([from, to]) => {
    const dtype = to?.dtype ?? 'f32';
    if (from?.dtype !== dtype || wideDType(dtype) !== dtype) return mix(convert(softmax(scores), dtype), values);
    const weights = exp(sub(scores, expandDims(stopGradient(reduceMax(scores, [2])), 2)));
    return div(mix(weights, values), expandDims(reduceSum(weights, [2]), 2));
  });

const cached = 2 ** 21;
const leastQueries = 64;

/** Queries of a block whose scores are held at once, given the scores of one query. */
const queriesAtOnce = (ofQuery: number, scoresAtOnce: number | undefined): number =>
  scoresAtOnce === undefined
    ? Math.max(leastQueries, Math.floor(cached / ofQuery))
    : Math.floor(scoresAtOnce / ofQuery);

/** How attention is computed. */
export type AttentionOptions = {
  /**
   * Scores that are held at once. More are computed block of queries by block of queries, and again for the derivative,
   * so that they stay in a processor's cache and none are kept. When absent 2²¹, 8 MiB in f32, but never fewer than those
   * of 64 queries, so that a large batch is not computed query by query.
   */
  readonly scoresAtOnce?: number;
};

/**
 * Softmax attention with grouped heads: query head n reads key-value head n ÷ (h / k). Scores and softmax are in the
 * wide dtype, the rest in the dtype of the heads. Scores are not scaled: the caller scales the queries.
 *
 * @param q - `[b, t, h, e]`; may be of a wider dtype than keys and values.
 * @param k - `[b, s, k, e]`, and `v` alike; k divides h.
 * @param bias - `[b, t, s]`, added to the scores of every head; see `maskBias`.
 * @returns `[b, t, h, e]` in the dtype of the values.
 * @law however many scores are held at once, the result is the same.
 * @source openpi `models/gemma.py` `Attention` (15a9616)
 */
export const attention = (q: Expr, k: Expr, v: Expr, bias: Expr, { scoresAtOnce }: AttentionOptions = {}): Expr =>
  withTypes([q, k, v], ([queries, keys]) => {
    const [b = 0, t = 0, h = 0, e = 0] = queries?.shape ?? [];
    const [, s = 0, groups = 1] = keys?.shape ?? [];
    const dtype = queries?.dtype ?? 'f32';
    const perGroup = h / groups;
    if (!Number.isInteger(perGroup)) {
      return refused('attention', [], `${groups} key-value heads do not divide ${h} query heads`);
    }
    const keysFirst = groupsFirst(convert(k, dtype), [b, s, groups, 1, e]);
    const valuesFirst = groupsFirst(v, [b, s, groups, 1, e]);
    const attend =
      (rows: number) =>
      (own: Expr, ownBias: Expr): Expr => {
        const scores = dotGeneral(groupsFirst(own, [b, rows, groups, perGroup, e]), keysFirst, {
          contract: [[2], [2]],
          batch,
          dtype: wideDType(dtype),
        });
        const biased = add(reshape(scores, [b, groups, rows, perGroup, s]), expandDims(expandDims(ownBias, 2), 1));
        const mixed = softmaxMix(reshape(biased, [b * groups, rows * perGroup, s]), valuesFirst);
        return groupsBack(mixed, [b, rows, groups, perGroup, e]);
      };
    const rows = blockRows(t, queriesAtOnce(b * h * s, scoresAtOnce));
    return overQueryBlocks(attend(rows), q, bias, rows);
  });
