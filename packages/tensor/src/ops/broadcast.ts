import * as E from 'fp-ts/lib/Either.js';
import { apply, type Expr, type Primitive, withType } from '../expr.js';
import { axesFit, checkOperands, gradients, isShape, operandAt, single, wrapIntegers } from '../rule.js';
import { element, entry, extentOf, range, type Shape, sameShape, stridesOf, TensorType } from '../type.js';
import { pick, reshape, stridedIndices } from './shape.js';

/** `dims[i]` is the axis of the result that axis `i` of the operand becomes. */
export type BroadcastInDimParams = {
  readonly shape: Shape;
  readonly dims: readonly number[];
};

const extentsFit = (from: Shape, { shape, dims }: BroadcastInDimParams): boolean =>
  from.every((extent, axis) => extent === 1 || extent === extentOf(shape, entry(dims, axis)));

/** Repeats an operand along new axes and along axes of extent 1. */
export const broadcastInDimP: Primitive<'broadcast_in_dim', BroadcastInDimParams> = single({
  name: 'broadcast_in_dim',
  infer: (params, operands) => {
    const checked = checkOperands(operands, 1, 'any');
    if (E.isLeft(checked)) return checked;
    const x = operandAt(operands, 0);
    const { shape, dims } = params;
    if (!isShape(shape)) return E.left(`[${shape.join(',')}] is not a shape`);
    if (dims.length !== x.shape.length || !axesFit(dims, shape.length)) {
      return E.left(`dims [${dims.join(',')}] must name one ascending result axis per operand axis`);
    }
    return extentsFit(x.shape, params)
      ? E.right(new TensorType(x.dtype, shape))
      : E.left(`does not broadcast to [${shape.join(',')}] along dims [${dims.join(',')}]`);
  },
  // The transpose of repeating is summing what was repeated.
  vjp: ({ params, operands, ct }) => {
    const from = operandAt(operands, 0).type.shape;
    const summed = range(params.shape.length).filter((axis) => {
      const source = params.dims.indexOf(axis);
      return source < 0 || (from[source] === 1 && params.shape[axis] !== 1);
    });
    return gradients(reshape(reduceSum(ct, summed), from));
  },
  ref: ({ dims }, operands, { shape }) => {
    const x = operandAt(operands, 0);
    const from = stridesOf(x.type.shape);
    const strides = range(shape.length).map((axis) => {
      const source = dims.indexOf(axis);
      return source < 0 || x.type.shape[source] === 1 ? 0 : entry(from, source);
    });
    return pick(x.data, stridedIndices(shape, strides));
  },
});

/** Repeats `x` along the axes of `shape` that `dims` does not name and along its axes of extent 1. */
export const broadcastInDim = (x: Expr, shape: Shape, dims: readonly number[]): Expr =>
  withType(x, (type) => (sameShape(type.shape, shape) ? x : apply(broadcastInDimP, { shape, dims }, [x])));

/** Repeats `x` to `shape`, its axes aligned at the end. */
export const broadcastTo = (x: Expr, shape: Shape): Expr =>
  withType(x, (type) => {
    const offset = shape.length - type.shape.length;
    return broadcastInDim(
      x,
      shape,
      range(type.shape.length).map((axis) => axis + offset),
    );
  });

/** The axes that a reduction removes, ascending. */
export type ReduceParams = {
  readonly axes: readonly number[];
};

/** The shape rule of every reduction. */
export const inferReduce =
  (kind: 'number' | 'any') =>
  ({ axes }: ReduceParams, operands: readonly TensorType[]): E.Either<string, TensorType> => {
    const checked = checkOperands(operands, 1, kind);
    if (E.isLeft(checked)) return checked;
    const x = operandAt(operands, 0);
    return axesFit(axes, x.shape.length)
      ? E.right(
          new TensorType(
            x.dtype,
            x.shape.filter((_, axis) => !axes.includes(axis)),
          ),
        )
      : E.left(`axes [${axes.join(',')}] must be ascending and inside the rank ${x.shape.length}`);
  };

/** For each element of an operand, the element of the reduced result it belongs to. */
export const reducedIndices = (from: Shape, axes: readonly number[]): Int32Array => {
  const kept = from.filter((_, axis) => !axes.includes(axis));
  const strides = stridesOf(kept);
  let next = 0;
  return stridedIndices(
    from,
    range(from.length).map((axis) => (axes.includes(axis) ? 0 : entry(strides, next++))),
  );
};

/** Sums over axes. */
export const reduceSumP: Primitive<'reduce_sum', ReduceParams> = single({
  name: 'reduce_sum',
  infer: inferReduce('number'),
  // The transpose of summing is repeating.
  vjp: ({ params, operands, ct }) => gradients(broadcastReduced(ct, operandAt(operands, 0).type.shape, params.axes)),
  ref: ({ axes }, operands, result) => {
    const x = operandAt(operands, 0);
    const out = new Float64Array(result.shape.reduce((a, b) => a * b, 1));
    const target = reducedIndices(x.type.shape, axes);
    for (let i = 0; i < target.length; i++) {
      const at = target[i] ?? 0;
      out[at] = element(out, at) + element(x.data, i);
    }
    return wrapIntegers(out, result.dtype);
  },
});

/** Repeats a reduced tensor back to the shape it was reduced from. */
export const broadcastReduced = (x: Expr, shape: Shape, axes: readonly number[]): Expr =>
  broadcastInDim(
    x,
    shape,
    range(shape.length).filter((axis) => !axes.includes(axis)),
  );

/** Sums over axes, all by default; negative axes count from the end. */
export const reduceSum = (x: Expr, axes?: readonly number[]): Expr =>
  withType(x, ({ shape }) => {
    const normal = normalAxes(axes, shape.length);
    return normal.length === 0 ? x : apply(reduceSumP, { axes: normal }, [x]);
  });

/** Axes counted from the start, ascending; all when absent. */
export const normalAxes = (axes: readonly number[] | undefined, rank: number): readonly number[] =>
  axes === undefined ? range(rank) : axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);

/** The shape that several shapes broadcast to, axes aligned at the end; undefined where extents clash. */
export const broadcastShape = (shapes: readonly Shape[]): Shape | undefined => {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const out: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const extents = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1).filter((extent) => extent !== 1);
    const [extent = 1] = extents;
    if (extents.some((other) => other !== extent)) return undefined;
    out.push(extent);
  }
  return out;
};
