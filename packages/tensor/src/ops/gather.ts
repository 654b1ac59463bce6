import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { apply, type Expr, type Primitive, withType } from '../expr.js';
import { checkOperands, operandAt, single, wrapIntegers } from '../rule.js';
import { zerosLike } from '../sugar.js';
import { element, extentOf, isInteger, type Shape, sameShape, showType, sizeOf, TensorType } from '../type.js';

/**
 * The axis that indices select along, and how many leading axes operand and indices share. The result has the shape
 * `operand[:axis] + indices[batchDims:] + operand[axis+1:]`.
 */
export type GatherParams = {
  readonly axis: number;
  readonly batchDims: number;
};

const gatherShape = ({ axis, batchDims }: GatherParams, operand: Shape, indices: Shape): Shape => [
  ...operand.slice(0, axis),
  ...indices.slice(batchDims),
  ...operand.slice(axis + 1),
];

const checkGather = (
  { axis, batchDims }: GatherParams,
  operand: TensorType,
  indices: TensorType,
): E.Either<string, null> => {
  if (!isInteger(indices.dtype)) return E.left(`indices must be integers, got ${showType(indices)}`);
  if (!Number.isInteger(axis) || axis < 0 || axis >= operand.shape.length) {
    return E.left(`axis ${axis} is outside the rank ${operand.shape.length}`);
  }
  if (!Number.isInteger(batchDims) || batchDims < 0 || batchDims > Math.min(axis, indices.shape.length)) {
    return E.left(`batchDims ${batchDims} must be at most the axis ${axis} and the rank of the indices`);
  }
  if (operand.shape[axis] === 0 && sizeOf(indices.shape) > 0) return E.left(`axis ${axis} is empty`);
  return sameShape(operand.shape.slice(0, batchDims), indices.shape.slice(0, batchDims))
    ? E.right(null)
    : E.left(`the first ${batchDims} axes of operand and indices must agree`);
};

/**
 * For each element of a gather's result, its position in the operand. Indices are clamped to the axis, as StableHLO's
 * gather does; the caller checks them where an index outside would be a mistake.
 */
const positions = (
  { axis, batchDims }: GatherParams,
  operand: Shape,
  indices: Shape,
  index: Float64Array,
): Int32Array => {
  const extent = extentOf(operand, axis);
  const batch = sizeOf(operand.slice(0, batchDims));
  const middle = sizeOf(operand.slice(batchDims, axis));
  const inner = sizeOf(operand.slice(axis + 1));
  const perBatch = sizeOf(indices.slice(batchDims));
  const out = new Int32Array(batch * middle * perBatch * inner);
  let at = 0;
  for (let b = 0; b < batch; b++) {
    for (let m = 0; m < middle; m++) {
      for (let i = 0; i < perBatch; i++) {
        const chosen = Math.min(Math.max(element(index, b * perBatch + i), 0), extent - 1);
        const first = ((b * middle + m) * extent + chosen) * inner;
        for (let k = 0; k < inner; k++) out[at++] = first + k;
      }
    }
  }
  return out;
};

/** Takes slices of the operand along an axis. Operands: operand, indices. */
export const gatherP: Primitive<'gather', GatherParams> = single<'gather', GatherParams>({
  name: 'gather',
  infer: (params, operands) => {
    const count = checkOperands(operands, 2, 'any');
    if (E.isLeft(count)) return count;
    const [operand, indices] = [operandAt(operands, 0), operandAt(operands, 1)];
    const checked = checkGather(params, operand, indices);
    if (E.isLeft(checked)) return checked;
    return E.right(new TensorType(operand.dtype, gatherShape(params, operand.shape, indices.shape)));
  },
  // The transpose of taking slices is adding them back where they came from.
  vjp: ({ params, operands, ct }) => {
    const [operand, indices] = [operandAt(operands, 0), operandAt(operands, 1)];
    return [O.some(apply(scatterAddP, params, [zerosLike(operand), indices, ct])), O.none];
  },
  ref: (params, operands) => {
    const [operand, indices] = [operandAt(operands, 0), operandAt(operands, 1)];
    return Float64Array.from(positions(params, operand.type.shape, indices.type.shape, indices.data), (at) =>
      element(operand.data, at),
    );
  },
});

/** Adds slices into the operand along an axis; repeated indices accumulate. Operands: operand, indices, updates. */
export const scatterAddP: Primitive<'scatter_add', GatherParams> = single<'scatter_add', GatherParams>({
  name: 'scatter_add',
  infer: (params, operands) => {
    const count = checkOperands(operands, 3, 'number');
    if (E.isLeft(count)) return count;
    const [operand, indices, updates] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(operands, 2)];
    const checked = checkGather(params, operand, indices);
    if (E.isLeft(checked)) return checked;
    const expected = new TensorType(operand.dtype, gatherShape(params, operand.shape, indices.shape));
    return updates.dtype === expected.dtype && sameShape(updates.shape, expected.shape)
      ? E.right(operand)
      : E.left(`updates must be ${showType(expected)}, got ${showType(updates)}`);
  },
  // out = operand + Sᵀ updates, so d operand = ct and d updates = S ct
  vjp: ({ params, operands, ct }) => [O.some(ct), O.none, O.some(apply(gatherP, params, [ct, operandAt(operands, 1)]))],
  ref: (params, operands, result) => {
    const [operand, indices, updates] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(operands, 2)];
    const out = operand.data.slice();
    positions(params, operand.type.shape, indices.type.shape, indices.data).forEach((at, i) => {
      out[at] = element(out, at) + element(updates.data, i);
    });
    return wrapIntegers(out, result.dtype);
  },
});

/**
 * Slices of `x` along `axis` chosen by integer `indices`, which are clamped into the axis. With `batchDims` the first
 * axes of both are walked together.
 */
export const gather = (x: Expr, indices: Expr, axis = 0, batchDims = 0): Expr =>
  withType(x, ({ shape }) => apply(gatherP, { axis: axis < 0 ? axis + shape.length : axis, batchDims }, [x, indices]));

/** `x` with `updates` added to its slices along `axis` chosen by `indices` (clamped); repeated indices accumulate. */
export const scatterAdd = (x: Expr, indices: Expr, updates: Expr, axis = 0, batchDims = 0): Expr =>
  withType(x, ({ shape }) =>
    apply(scatterAddP, { axis: axis < 0 ? axis + shape.length : axis, batchDims }, [x, indices, updates]),
  );
