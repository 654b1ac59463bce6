import type { Expr } from '../expr.js';
import { add, mul } from '../ops/arithmetic.js';
import { logistic, tanh } from '../ops/elementwise.js';
import { maximum, minimum } from '../ops/extrema.js';
import type { Operand } from '../sugar.js';

/** max(x, 0). */
export const relu = (x: Expr): Expr => maximum(x, 0);

/** x · σ(x), also called swish. */
export const silu = (x: Expr): Expr => mul(x, logistic(x));

/**
 * The tanh approximation of x · Φ(x), Φ the normal distribution function.
 *
 * @source Hendrycks & Gimpel, arXiv 1606.08415, §2.
 */
export const gelu = (x: Expr): Expr => {
  const cubic = add(x, mul(mul(x, mul(x, x)), 0.044715));
  return mul(mul(x, 0.5), add(tanh(mul(cubic, Math.sqrt(2 / Math.PI))), 1));
};

/** x · x. */
export const square = (x: Expr): Expr => mul(x, x);

/** x limited to `[low, high]`; NaN stays NaN. */
export const clip = (x: Expr, low: Operand, high: Operand): Expr => minimum(maximum(x, low), high);
