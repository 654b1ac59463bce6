import {
  and,
  constant,
  convert,
  cumsum,
  type DType,
  type Expr,
  expandDims,
  le,
  select,
  sub,
  withType,
} from '@torsor/tensor';
import { wideDType } from './precision.js';

/** What a score is where attention is not allowed: finite, so that a row without any key is uniform and never NaN. */
const bigNegative = -2.3819763e38;

/**
 * Which keys each query may see. Tokens form blocks, a new one at every true of `arMask`; a token sees its own block
 * and the earlier ones, if both ends are valid.
 *
 * @param inputMask - `bool[b, s]`, false for padding.
 * @param arMask - `bool[s]` or `bool[b, s]`.
 * @returns `bool[b, s, s]`: query, key.
 * @source openpi `models/pi0.py` `make_attn_mask` (15a9616)
 */
export const makeAttnMask = (inputMask: Expr, arMask: Expr): Expr => {
  const block = cumsum(convert(arMask, 'i32'), -1);
  const causal = le(expandDims(block, -2), expandDims(block, -1));
  return and(and(causal, expandDims(inputMask, -2)), expandDims(inputMask, -1));
};

/**
 * The position of every token: how many valid ones came before it; −1 before the first.
 *
 * @param inputMask - `bool[b, s]`.
 * @returns `i32[b, s]`.
 */
export const positionsOf = (inputMask: Expr): Expr => sub(cumsum(convert(inputMask, 'i32'), -1), 1);

/**
 * What to add to attention scores: 0 where allowed, elsewhere so much that any score beside it vanishes by rounding.
 *
 * @param mask - `bool[b, t, s]`.
 * @param compute - the dtype of the heads; scores are in its wide dtype.
 */
export const maskBias = (mask: Expr, compute: DType): Expr =>
  withType(mask, ({ shape }) => {
    const wide = wideDType(compute);
    return select(mask, constant(0, wide, shape), constant(bigNegative, wide, shape));
  });
