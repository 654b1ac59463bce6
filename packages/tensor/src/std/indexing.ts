import { type Expr, refused, withType, withTypes } from '../expr.js';
import { eq } from '../ops/compare.js';
import { iota } from '../ops/constant.js';
import { convert } from '../ops/convert.js';
import { gather } from '../ops/gather.js';
import { reshape } from '../ops/shape.js';
import { concatenate, sliceInDim } from '../ops/slice.js';
import { type DType, extentOf, range } from '../type.js';

/** `x` with an axis of extent 1 inserted; a negative position counts from the end of the result. */
export const expandDims = (x: Expr, axis: number): Expr =>
  withType(x, (type) => {
    const { shape } = type;
    const at = axis < 0 ? axis + shape.length + 1 : axis;
    if (!Number.isInteger(at) || at < 0 || at > shape.length) {
      return refused('expandDims', [type], `axis ${axis} is outside the rank ${shape.length + 1} of the result`);
    }
    return reshape(x, [...shape.slice(0, at), 1, ...shape.slice(at)]);
  });

/** `x` without an axis of extent 1. */
export const squeeze = (x: Expr, axis: number): Expr =>
  withType(x, (type) => {
    const at = axis < 0 ? axis + type.shape.length : axis;
    return type.shape[at] === 1
      ? reshape(
          x,
          type.shape.filter((_, other) => other !== at),
        )
      : refused('squeeze', [type], `axis ${axis} has not the extent 1`);
  });

/** Expressions of one type along a new axis. */
export const stack = (operands: readonly Expr[], axis = 0): Expr =>
  concatenate(
    operands.map((x) => expandDims(x, axis)),
    axis,
  );

/** `x` cut into `count` equal parts along an axis. */
export const split = (x: Expr, count: number, axis = -1): readonly Expr[] =>
  range(count).map((i) =>
    withType(x, (type) => {
      const at = axis < 0 ? axis + type.shape.length : axis;
      const part = extentOf(type.shape, at) / count;
      return Number.isInteger(part)
        ? sliceInDim(x, i * part, (i + 1) * part, at)
        : refused('split', [type], `axis ${axis} does not divide into ${count} equal parts`);
    }),
  );

/** 1 at the position of each index along a new last axis of extent `depth`, 0 elsewhere; all 0 for an index outside. */
export const oneHot = (indices: Expr, depth: number, dtype: DType = 'f32'): Expr =>
  withType(indices, (type) => {
    const positions = iota(type.dtype, [...type.shape, depth], type.shape.length);
    return convert(eq(expandDims(indices, -1), positions), dtype);
  });

/**
 * One element of the last axis of `x` per index: `out[…] = x[…, indices[…]]`; indices are clamped into the axis.
 *
 * @param indices - integers, of the shape of `x` without its last axis.
 */
export const takeAlongLast = (x: Expr, indices: Expr): Expr =>
  withTypes([x, indices], ([type]) => {
    const rank = type?.shape.length ?? 0;
    return gather(x, indices, rank - 1, rank - 1);
  });
