import { type Expr, gelu, mul, sliceInDim, squeeze } from '@torsor/tensor';
import { project } from './linear.js';

/** The parameters of a gated feed-forward layer: `gating [2, d, f]`, `linear [f, d]`. */
export interface FeedForwardParams {
  readonly gating: Expr;
  readonly linear: Expr;
}

/**
 * (gelu(x · gating₀) ∘ (x · gating₁)) · linear.
 *
 * @param x - `[b, s, d]`.
 * @source openpi `models/gemma.py` `FeedForward` (15a9616)
 */
export const gatedGelu = ({ gating, linear }: FeedForwardParams, x: Expr): Expr => {
  const branch = (i: number): Expr => project(x, squeeze(sliceInDim(gating, i, i + 1, 0), 0));
  return project(mul(gelu(branch(0)), branch(1)), linear);
};
