import {
  add,
  convert,
  type DType,
  type Expr,
  expandDims,
  layerNorm,
  mul,
  rmsNorm,
  rmsNormalize,
  split,
  withType,
} from '@torsor/tensor';
import { type LinearParams, linear } from './linear.js';
import { wideDType } from './precision.js';

/** A normalized tensor, and the factor of the branch that reads it where the normalization is adaptive. */
export type Normed = {
  readonly y: Expr;
  readonly gate?: Expr;
};

/**
 * RMSNorm with the statistics and the scale in the wide dtype, the result in the dtype of `x`.
 *
 * @param scale - `[d]`; the factor is 1 + scale.
 * @source openpi `models/gemma.py` `RMSNorm` (15a9616)
 */
export const gemmaNorm = (x: Expr, scale: Expr): Normed =>
  inWideDType(x, (wide) => rmsNorm(convert(x, wide), convert(scale, wide)));

/**
 * Adaptive RMSNorm: scale, shift and gate are an affine map of a condition.
 *
 * @param x - `[b, s, d]`.
 * @param modulation - `kernel [c, 3 d]`, `bias [3 d]`, applied in the dtype of `x`.
 * @param condition - `[b, c]`.
 * @returns the normalized tensor and the gate `[b, 1, d]` of the residual branch that reads it.
 * @source openpi `models/gemma.py` `RMSNorm` (15a9616)
 */
export const adaptiveNorm = (x: Expr, modulation: LinearParams, condition: Expr): Normed => {
  const modulated = withType(x, ({ dtype }) => expandDims(linear(modulation, convert(condition, dtype)), 1));
  const [scale = modulated, shift = modulated, gate = modulated] = split(modulated, 3);
  const normed = inWideDType(x, (wide) => {
    const factor = convert(add(scale, 1), wide);
    return add(mul(rmsNormalize(convert(x, wide)), factor), convert(shift, wide));
  });
  return { ...normed, gate };
};

/**
 * Layer normalization with the statistics, the scale and the bias in the wide dtype, the result in the dtype of `x`.
 *
 * @param scale - `[d]`; the factor is the scale itself.
 * @source flax 0.10.2 `nn.LayerNorm`
 */
export const layerNormIn = (x: Expr, scale: Expr, bias: Expr): Expr =>
  inWideDType(x, (wide) => layerNorm(convert(x, wide), convert(scale, wide), convert(bias, wide))).y;

/** Computes in the wide dtype and converts the result back. */
const inWideDType = (x: Expr, compute: (wide: DType) => Expr): Normed => ({
  y: withType(x, ({ dtype }) => convert(compute(wideDType(dtype)), dtype)),
});

/** x + y, or x + y · gate where the normalization before the branch gave a gate. */
export const gatedResidual = (x: Expr, y: Expr, gate: Expr | undefined): Expr =>
  add(x, gate === undefined ? y : mul(y, gate));
