import { type Algebra, type Application, type DType, isFloat, type ReduceParams, TensorType } from '@torsor/tensor';
import { accumulator } from './dot.js';
import { compared, selected } from './elementwise.js';
import type { Emitter, Lowering } from './emitter.js';
import { operandOf } from './operand.js';
import { list, typeList } from './types.js';
import type { Value } from './value.js';

/** The least number of a dtype. */
const least = (dtype: DType): number => (isFloat(dtype) ? Number.NEGATIVE_INFINITY : dtype === 'i32' ? -(2 ** 31) : 0);

/** The greatest number of a dtype. */
const greatest = (dtype: DType): number =>
  isFloat(dtype) ? Number.POSITIVE_INFINITY : dtype === 'i32' ? 2 ** 31 - 1 : 2 ** 32 - 1;

const reduced = (to: Emitter, name: string, x: Value, init: number, axes: readonly number[]): Value => {
  const { dtype, shape } = x.type;
  const from = to.scalar(dtype, init);
  const type = new TensorType(
    dtype,
    shape.filter((_, axis) => !axes.includes(axis)),
  );
  return to.call(
    `stablehlo.reduce(${x.name} init: ${from.name}) applies stablehlo.${name} across dimensions = ${list(axes)}`,
    [x, from],
    type,
  );
};

const extremum =
  (name: string, init: (dtype: DType) => number) =>
  ({ params: { axes } }: { readonly params: ReduceParams }): Lowering =>
  (to, operands) => {
    const x = operandOf(operands, 0);
    return [axes.length === 0 ? x : reduced(to, name, x, init(x.type.dtype), axes)];
  };

/** Whether the left element is chosen: it is larger, or as large and earlier; a NaN is larger than every number. */
const leftWins = (to: Emitter, [x, y, i, j]: readonly [Value, Value, Value, Value]): Value => {
  const bool = new TensorType('bool', []);
  const earlier = compared(to, 'LT', i, j);
  const larger = compared(to, 'GT', x, y);
  const equal = compared(to, 'EQ', x, y);
  if (!isFloat(x.type.dtype)) return to.map('or', [larger, to.map('and', [equal, earlier], bool)], bool);
  const [leftNaN, rightNaN] = [compared(to, 'NE', x, x), compared(to, 'NE', y, y)];
  const beats = to.map('or', [larger, to.map('and', [leftNaN, to.map('not', [rightNaN], bool)], bool)], bool);
  const tied = to.map('or', [equal, to.map('and', [leftNaN, rightNaN], bool)], bool);
  return to.map('or', [beats, to.map('and', [tied, earlier], bool)], bool);
};

const argmax = (to: Emitter, x: Value, axis: number, result: TensorType): Value => {
  const { dtype, shape } = x.type;
  const positions = new TensorType('i32', shape);
  const at = to.op(`stablehlo.iota dim = ${axis}`, typeList([positions]), positions);
  const [low, zero] = [to.scalar(dtype, least(dtype)), to.scalar('i32', 0)];
  const types = [new TensorType(dtype, result.shape), result];
  const [element, position] = [low.type, zero.type];
  const formals = [to.fresh(element), to.fresh(element), to.fresh(position), to.fresh(position)] as const;
  const [a, b, i, j] = formals.map(({ name, type }) => `${name}: ${typeList([type])}`);
  const operands = typeList([x.type, positions, element, position]);
  const results = to.enclosing(
    `stablehlo.reduce(${x.name} init: ${low.name}), (${at.name} init: ${zero.name}) across dimensions = [${axis}] : (${operands}) -> (${typeList(types)}) reducer(${a}, ${b}) (${i}, ${j}) {`,
    types,
    '}',
    () => {
      const wins = leftWins(to, formals);
      to.yield([selected(to, wins, formals[0], formals[1]), selected(to, wins, formals[2], formals[3])]);
    },
  );
  return operandOf(results, 1);
};

/** Reductions. */
export const reductions = {
  argmax:
    ({ params: { axis }, results }: Application<'argmax'>): Lowering =>
    (to, operands) => [argmax(to, operandOf(operands, 0), axis, operandOf(results, 0))],
  reduce_max: extremum('maximum', least),
  reduce_min: extremum('minimum', greatest),
  reduce_sum:
    ({ params: { axes } }: Application<'reduce_sum'>): Lowering =>
    (to, operands) => {
      const x = operandOf(operands, 0);
      if (axes.length === 0) return [x];
      const wide = to.convert(x, accumulator(x.type.dtype));
      return [to.convert(reduced(to, 'add', wide, 0, axes), x.type.dtype)];
    },
} as const satisfies Partial<Algebra<Lowering>>;
