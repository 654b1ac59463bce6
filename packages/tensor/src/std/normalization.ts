import { type Expr, withType } from '../expr.js';
import { add, mul, sub } from '../ops/arithmetic.js';
import { broadcastReduced, normalAxes } from '../ops/broadcast.js';
import { rsqrt } from '../ops/elementwise.js';
import { square } from './activation.js';
import { mean, variance } from './statistics.js';

/**
 * x / √(mean x² + eps) over the last axis.
 *
 * @param eps - added to the mean square; openpi uses 1e-6.
 * @source Zhang & Sennrich, arXiv 1910.07467.
 */
export const rmsNormalize = (x: Expr, eps = 1e-6): Expr =>
  withType(x, ({ shape }) => {
    const axes = normalAxes([-1], shape.length);
    return mul(x, broadcastReduced(rsqrt(add(mean(square(x), axes), eps)), shape, axes));
  });

/**
 * RMSNorm as in Gemma: x / √(mean x² + eps) · (1 + scale) over the last axis.
 *
 * @param scale - `[d]`, zero at the start.
 * @source openpi `models/gemma.py` `RMSNorm` (15a9616)
 */
export const rmsNorm = (x: Expr, scale: Expr, eps = 1e-6): Expr => mul(rmsNormalize(x, eps), add(scale, 1));

/**
 * (x − mean) / √(variance + eps) · scale + bias over the last axis.
 *
 * @source Ba, Kiros & Hinton, arXiv 1607.06450.
 */
export const layerNorm = (x: Expr, scale: Expr, bias: Expr, eps = 1e-6): Expr =>
  withType(x, ({ shape }) => {
    const axes = normalAxes([-1], shape.length);
    const centred = sub(x, broadcastReduced(mean(x, axes), shape, axes));
    const inverse = broadcastReduced(rsqrt(add(variance(x, axes), eps)), shape, axes);
    return add(mul(mul(centred, inverse), scale), bias);
  });
