import { add, type Expr, mean, sliceInDim, sqrt, square, sub } from '@torsor/tensor';

/** The pseudo-Huber loss of each action: quadratic near the target, linear far from it. */
export const pseudoHuber = (v_t: Expr, u_t: Expr): Expr => mean(sub(sqrt(add(square(sub(v_t, u_t)), 1)), 1), [-1]);

/** A mistake that trains without complaint: only the first action dimension counts. */
export const firstDimensionOnly = (v_t: Expr, u_t: Expr): Expr =>
  mean(square(sliceInDim(sub(v_t, u_t), 0, 1, -1)), [-1]);
