import * as E from 'fp-ts/lib/Either.js';
import { apply, type Expr, type Primitive, withType } from '../expr.js';
import { checkOperands, gradients, isShape, operandAt, single } from '../rule.js';
import { element, entry, extentOf, range, type Shape, sizeOf, stridesOf, TensorType } from '../type.js';

/** The shape of the result. */
export type ReshapeParams = {
  readonly shape: Shape;
};

/** The same elements in row-major order under another shape. */
export const reshapeP: Primitive<'reshape', ReshapeParams> = single({
  name: 'reshape',
  infer: ({ shape }, operands) => {
    const checked = checkOperands(operands, 1, 'any');
    if (E.isLeft(checked)) return checked;
    const x = operandAt(operands, 0);
    if (!isShape(shape)) return E.left(`[${shape.join(',')}] is not a shape`);
    return sizeOf(shape) === sizeOf(x.shape)
      ? E.right(new TensorType(x.dtype, shape))
      : E.left(`${sizeOf(x.shape)} elements do not fill [${shape.join(',')}] (${sizeOf(shape)})`);
  },
  // reshape is linear and orthogonal: its transpose restores the shape.
  vjp: ({ operands, ct }) => gradients(reshape(ct, operandAt(operands, 0).type.shape)),
  ref: (_params, operands) => operandAt(operands, 0).data,
});

/** The same elements in row-major order under another shape. */
export const reshape = (x: Expr, shape: Shape): Expr => apply(reshapeP, { shape }, [x]);

/** `permutation[i]` is the operand's axis that becomes axis `i`. */
export type TransposeParams = {
  readonly permutation: readonly number[];
};

const isPermutation = (permutation: readonly number[], rank: number): boolean =>
  permutation.length === rank && range(rank).every((axis) => permutation.includes(axis));

/** Where each element of the result comes from: a walk over `shape` with the given strides into the operand. */
export const stridedIndices = (shape: Shape, strides: readonly number[], start = 0): Int32Array => {
  const out = new Int32Array(sizeOf(shape));
  const last = shape.length - 1;
  const [extent, stride] = [extentOf(shape, last), entry(strides, last)];
  const counter = new Array<number>(shape.length).fill(0);
  let source = start;
  for (let i = 0; i < out.length; ) {
    for (let j = 0; j < extent; j++) out[i++] = source + j * stride;
    for (let axis = last - 1; axis >= 0; axis--) {
      const next = entry(counter, axis) + 1;
      source += entry(strides, axis);
      if (next < extentOf(shape, axis)) {
        counter[axis] = next;
        break;
      }
      source -= next * entry(strides, axis);
      counter[axis] = 0;
    }
  }
  return out;
};

/** The elements of `data` at the positions `indices`. */
export const pick = (data: Float64Array, indices: Int32Array): Float64Array => {
  const out = new Float64Array(indices.length);
  for (let i = 0; i < out.length; i++) out[i] = element(data, indices[i] ?? 0);
  return out;
};

/** Axes in another order. */
export const transposeP: Primitive<'transpose', TransposeParams> = single({
  name: 'transpose',
  infer: ({ permutation }, operands) => {
    const checked = checkOperands(operands, 1, 'any');
    if (E.isLeft(checked)) return checked;
    const x = operandAt(operands, 0);
    return isPermutation(permutation, x.shape.length)
      ? E.right(
          new TensorType(
            x.dtype,
            permutation.map((axis) => extentOf(x.shape, axis)),
          ),
        )
      : E.left(`[${permutation.join(',')}] is not a permutation of ${x.shape.length} axes`);
  },
  // transpose is linear and orthogonal: its transpose is the inverse permutation.
  vjp: ({ params, ct }) => gradients(transpose(ct, inversePermutation(params.permutation))),
  ref: ({ permutation }, operands, { shape }) => {
    const x = operandAt(operands, 0);
    const strides = stridesOf(x.type.shape);
    return pick(
      x.data,
      stridedIndices(
        shape,
        permutation.map((axis) => entry(strides, axis)),
      ),
    );
  },
});

/** The permutation that undoes another. */
export const inversePermutation = (permutation: readonly number[]): readonly number[] =>
  range(permutation.length).map((axis) => permutation.indexOf(axis));

/** Axes in another order: axis `i` of the result is axis `permutation[i]` of `x`; by default they are reversed. */
export const transpose = (x: Expr, permutation?: readonly number[]): Expr =>
  withType(x, ({ shape }) =>
    apply(transposeP, { permutation: permutation ?? [...range(shape.length)].reverse() }, [x]),
  );
