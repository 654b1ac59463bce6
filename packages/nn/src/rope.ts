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
  roundTo,
  sin,
  split,
  withType,
} from '@torsor/tensor';
import { wideDType } from './precision.js';

/** Cosines and sines for every position, repeated for both halves, the first half's sine negated: `[b, s, 1, e]`. */
export type RopeTable = {
  readonly cos: Expr;
  readonly sin: Expr;
};

/** Exact products with integers below 2¹² in float32, whose significand has 24 bits. */
const highBits = 12;

/** A positive number rounded to a few significant bits, and what is left. */
const splitBits = (x: number): readonly [high: number, low: number] => {
  const unit = 2 ** (Math.floor(Math.log2(x)) + 1 - highBits);
  const high = Math.round(x / unit) * unit;
  return [high, x - high];
};

/**
 * position / timescale as openpi rounds it: the timescale first, then the quotient. Compilers replace a division by a
 * constant with a product with its rounded inverse, which at position 500 loses 4e-5 of the angle in float32; so the
 * inverse comes in two parts, of which the larger one's product is exact.
 */
const angles = (positions: Expr, timescales: readonly number[], wide: DType): Expr => {
  const inverses = timescales.map((timescale) => splitBits(1 / roundTo(wide, timescale)));
  const part = (at: 0 | 1): Expr =>
    literal(
      inverses.map((halves) => halves[at]),
      wide,
    );
  return add(mul(positions, part(0)), mul(positions, part(1)));
};

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
  const timescales = range(headDim / 2).map((i) => maxWavelength ** ((2 * i) / headDim));
  const at = expandDims(expandDims(convert(positions, wide), -1), -1);
  const radians = angles(at, timescales, wide);
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
export const rope = (x: Expr, table: RopeTable): Expr => withType(x, ({ dtype }) => convert(ropeWide(x, table), dtype));

/**
 * {@link rope} before the result is rounded to the dtype of `x`: what π0-FAST's queries stay in.
 *
 * @param x - `[b, s, h, e]`.
 * @returns `[b, s, h, e]` in the wide dtype of `x`.
 * @source openpi `models/gemma_fast.py` `_apply_rope` (15a9616)
 */
export const ropeWide = (x: Expr, table: RopeTable): Expr =>
  withType(x, ({ dtype }) => {
    const wide = convert(x, wideDType(dtype));
    const [first = wide, second = wide] = split(wide, 2);
    const swapped = concatenate([second, first], -1);
    return add(mul(wide, table.cos), mul(swapped, table.sin));
  });
