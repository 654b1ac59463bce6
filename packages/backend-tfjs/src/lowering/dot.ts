import { type Application, range, type Shape, sizeOf, TensorType } from '@torsor/tensor';
import { deviceDType } from '../kernels.js';
import { given, type PlanBuilder } from '../plan/builder.js';
import type { KernelCall } from '../plan/plan.js';
import type { Stored, Value } from '../plan/value.js';
import { firstType, type Lower } from './rule.js';

/** An operand as `[batch, rows, columns]` of a matrix product. */
type Matrix = {
  readonly value: Stored;
  readonly transposed: boolean;
};

const extents = (shape: Shape, axes: readonly number[]): Shape => axes.map((axis) => shape[axis] ?? 1);

/** Whether the axes, those of extent 1 aside, lie in memory in this order. */
const liesInOrder = (shape: Shape, order: readonly number[]): boolean => {
  const long = order.filter((axis) => shape[axis] !== 1);
  return long.every((axis, i) => i === 0 || axis > (long[i - 1] ?? 0));
};

/** The operand with its axes in the order `[batch, first, second]`; as it lies, transposed, or moved. */
const arrange = (
  builder: PlanBuilder,
  value: Value,
  batch: readonly number[],
  first: readonly number[],
  second: readonly number[],
): Matrix => {
  const source = value._tag === 'Transposed' ? builder.full(value.source) : builder.full(value);
  const place = (axes: readonly number[]): readonly number[] =>
    value._tag === 'Transposed' ? axes.map((axis) => value.permutation[axis] ?? 0) : axes;
  const [b, rows, columns] = [place(batch), place(first), place(second)];
  const { shape } = source.type;
  const [count, m, n] = [sizeOf(extents(shape, b)), sizeOf(extents(shape, rows)), sizeOf(extents(shape, columns))];
  const { dtype } = source.type;
  if (liesInOrder(shape, [...b, ...rows, ...columns])) {
    return { value: builder.alias(source, new TensorType(dtype, [count, m, n])), transposed: false };
  }
  if (liesInOrder(shape, [...b, ...columns, ...rows])) {
    return { value: builder.alias(source, new TensorType(dtype, [count, n, m])), transposed: true };
  }
  const permutation = [...b, ...rows, ...columns];
  const moved = builder.transposed(source, permutation, new TensorType(dtype, extents(shape, permutation)));
  return { value: builder.alias(moved, new TensorType(dtype, [count, m, n])), transposed: false };
};

/**
 * A product as one batched matrix product: axes are grouped by reshaping, transposed operands are passed as flags, and an operand
 * is moved only where its axes lie in another order.
 */
export const dotGeneral = ({ params, operands, results }: Application<'dot_general'>): Lower => {
  const type = firstType(results);
  const { contract, batch } = params;
  const [left, right] = [given(operands[0]), given(operands[1])];
  const free = (rank: number, used: readonly number[]): readonly number[] =>
    range(rank).filter((axis) => !used.includes(axis));
  const freeLeft = free(left.shape.length, [...contract[0], ...batch[0]]);
  const freeRight = free(right.shape.length, [...contract[1], ...batch[1]]);
  // the order in which pairs are summed is free: take the one in which the left operand lies
  const order = [...contract[0].keys()].sort((i, j) => (contract[0][i] ?? 0) - (contract[0][j] ?? 0));
  const sum = [order.map((i) => contract[0][i] ?? 0), order.map((i) => contract[1][i] ?? 0)] as const;
  const product = new TensorType(type.dtype, [
    sizeOf(extents(left.shape, batch[0])),
    sizeOf(extents(left.shape, freeLeft)),
    sizeOf(extents(right.shape, freeRight)),
  ]);
  const dtype = deviceDType(type);
  return (builder, [x, y]) => {
    const convert = (value: Value): Value => (value.type.dtype === dtype ? value : converted(builder, value, type));
    const a = arrange(builder, convert(given(x)), batch[0], freeLeft, sum[0]);
    const b = arrange(builder, convert(given(y)), batch[1], sum[1], freeRight);
    const multiply: KernelCall = {
      key: `matmul ${a.transposed} ${b.transposed}`,
      run: (kernels, [u, v]) => kernels.matmul(given(u), given(v), a.transposed, b.transposed),
    };
    const made = builder.call(multiply, [a.value, b.value], product);
    return [builder.alias(made, type)];
  };
};

const converted = (builder: PlanBuilder, value: Value, type: TensorType): Value => {
  const dtype = deviceDType(type);
  const to = new TensorType(type.dtype, value.type.shape);
  const convert: KernelCall = { key: `convert ${dtype}`, run: (kernels, [x]) => kernels.convert(given(x), dtype) };
  return builder.call(convert, [builder.full(value)], to);
};
