import { add, type Expr, gelu, mul, sliceInDim, squeeze } from '@torsor/tensor';
import { type LinearParams, linear, project } from './linear.js';
import { type LowRank, lowRank } from './low-rank.js';

/** The parameters of a gated feed-forward layer: `gating [2, d, f]`, `linear [f, d]`. */
export type FeedForwardParams = {
  readonly gating: Expr;
  readonly linear: Expr;
  /** What is added to the weights: `gating` `a [2, d, r]`, `b [2, r, f]`; `linear` `a [f, r]`, `b [r, d]`. */
  readonly adapters?: { readonly gating: LowRank; readonly linear: LowRank };
};

const nth = (x: Expr, i: number): Expr => squeeze(sliceInDim(x, i, i + 1, 0), 0);

const nthOf = ({ a, b, scale }: LowRank, i: number): LowRank => ({ a: nth(a, i), b: nth(b, i), scale });

const adapted = (x: Expr, w: Expr, adapter: LowRank | undefined): Expr =>
  adapter === undefined ? project(x, w) : add(project(x, w), lowRank(adapter, x));

/**
 * (gelu(x · gating₀) ∘ (x · gating₁)) · linear.
 *
 * @param x - `[b, s, d]`.
 * @source openpi `models/gemma.py` `FeedForward`, `models/lora.py` `FeedForward` (15a9616)
 */
export const gatedGelu = ({ gating, linear, adapters }: FeedForwardParams, x: Expr): Expr => {
  const branch = (i: number): Expr =>
    adapted(x, nth(gating, i), adapters === undefined ? undefined : nthOf(adapters.gating, i));
  return adapted(mul(gelu(branch(0)), branch(1)), linear, adapters?.linear);
};

/**
 * outer(gelu(inner(x))), two affine maps.
 *
 * @param x - `[b, s, d]`.
 * @source openpi `models/siglip.py` `MlpBlock` (15a9616)
 */
export const biasedGelu = (inner: LinearParams, outer: LinearParams, x: Expr): Expr =>
  linear(outer, gelu(linear(inner, x)));
