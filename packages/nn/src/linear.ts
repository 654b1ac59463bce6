import { add, convert, dotGeneral, type Expr, withType } from '@torsor/tensor';

/** The parameters of an affine map: `kernel [in, out]`, `bias [out]`. */
export type LinearParams = {
  readonly kernel: Expr;
  readonly bias: Expr;
};

/**
 * x · w over the last axis of `x` and the first of `w`, which is converted to the dtype of `x`.
 *
 * @param x - `[…, in]`.
 * @param w - `[in, …]`.
 */
export const project = (x: Expr, w: Expr): Expr =>
  withType(x, ({ dtype, shape }) => dotGeneral(x, convert(w, dtype), { contract: [[shape.length - 1], [0]] }));

/**
 * x · kernel + bias over the last axis.
 *
 * @param x - `[…, in]`.
 * @returns `[…, out]` in the dtype of `x`.
 * @source flax 0.10.2 `nnx.Linear`
 */
export const linear = ({ kernel, bias }: LinearParams, x: Expr): Expr =>
  withType(x, ({ dtype }) => add(project(x, kernel), convert(bias, dtype)));
