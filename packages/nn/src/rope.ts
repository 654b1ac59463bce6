import {
  add,
  concatenate,
  convert,
  cos,
  type DType,
  type Expr,
  expandDims,
  literal,
  mul,
  neg,
  range,
  sin,
  split,
  withType,
} from '@torsor/tensor';
import { wideDType } from './precision.js';

/** Cosines and sines for every position, repeated for both halves, the first half's sine negated: `[b, s, 1, e]`. */
export interface RopeTable {
  readonly cos: Expr;
  readonly sin: Expr;
}

/**
 * The rotation of every position: angle `position / maxWavelength^(2 i / e)` for pair `i`.
 *
 * @param positions - `i32[b, s]`.
 * @param headDim - e, even.
 * @param compute - the dtype of the heads; the table is kept in its wide dtype.
 * @source openpi `models/gemma.py` `_apply_rope` (15a9616)
 */
export const ropeTable = (positions: Expr, headDim: number, compute: DType, maxWavelength = 10_000): RopeTable => {
  const wide = wideDType(compute);
  const frequencies = range(headDim / 2).map((i) => maxWavelength ** ((-2 * i) / headDim));
  const at = expandDims(expandDims(convert(positions, wide), -1), -1);
  const radians = mul(at, literal(frequencies, wide));
  const [c, s] = [cos(radians), sin(radians)];
  return { cos: concatenate([c, c], -1), sin: concatenate([neg(s), s], -1) };
};

/**
 * Rotates each pair (x_i, x_{i + e/2}) of the last axis by the angle of its position.
 *
 * @param x - `[b, s, h, e]`.
 * @returns `[b, s, h, e]` in the dtype of `x`.
 * @law the dot product of two rotated vectors depends on the difference of their positions only.
 */
export const rope = (x: Expr, table: RopeTable): Expr =>
  withType(x, ({ dtype }) => {
    const wide = convert(x, wideDType(dtype));
    const [first = wide, second = wide] = split(wide, 2);
    const swapped = concatenate([second, first], -1);
    return convert(add(mul(wide, table.cos), mul(swapped, table.sin)), dtype);
  });
