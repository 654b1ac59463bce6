import {
  type Algebra,
  type Application,
  type GatherParams,
  range,
  type Shape,
  sizeOf,
  TensorType,
} from '@torsor/tensor';
import { accumulator } from './dot.js';
import { type Emitter, type Lowering, namesOf } from './emitter.js';
import { operandOf } from './operand.js';
import { list, typeText } from './types.js';
import type { Value } from './value.js';

/** Which axes of operand, indices and result belong together, as StableHLO names them. */
type Dimensions = {
  /** Axes of the result that run inside a slice. */
  readonly offset: readonly number[];
  readonly batch: readonly number[];
  readonly indexRank: number;
};

const dimensionsOf = ({ axis, batchDims }: GatherParams, operand: Shape, indices: Shape): Dimensions => {
  const chosen = indices.length - batchDims;
  const rank = operand.length - 1 + chosen;
  return {
    offset: range(rank).filter((at) => at >= batchDims && (at < axis || at >= axis + chosen)),
    batch: range(batchDims),
    indexRank: indices.length,
  };
};

const named = (fields: readonly (readonly [string, readonly number[]])[]): string =>
  fields.flatMap(([name, axes]) => (axes.length === 0 ? [] : [`${name} = ${list(axes)}`])).join(', ');

const gathered = (to: Emitter, params: GatherParams, x: Value, indices: Value, result: TensorType): Value => {
  const { offset, batch, indexRank } = dimensionsOf(params, x.type.shape, indices.type.shape);
  const numbers = named([
    ['offset_dims', offset],
    ['collapsed_slice_dims', [params.axis]],
    ['operand_batching_dims', batch],
    ['start_indices_batching_dims', batch],
    ['start_index_map', [params.axis]],
  ]);
  const sizes = x.type.shape.map((extent, at) => (at < params.batchDims || at === params.axis ? 1 : extent));
  const attributes = `dimension_numbers = #stablehlo.gather<${numbers}, index_vector_dim = ${indexRank}>, indices_are_sorted = false, slice_sizes = array<i64${sizes.length === 0 ? '' : `: ${sizes.join(', ')}`}>`;
  return to.call(`"stablehlo.gather"(${x.name}, ${indices.name}) <{${attributes}}>`, [x, indices], result);
};

/** Indices brought inside the axis: StableHLO's scatter would drop what lies outside. */
const clamped = (to: Emitter, indices: Value, extent: number): Value => {
  const [low, high] = [to.scalar(indices.type.dtype, 0), to.scalar(indices.type.dtype, extent - 1)];
  return to.call(`stablehlo.clamp ${low.name}, ${indices.name}, ${high.name}`, [low, indices, high], indices.type);
};

const scattered = (to: Emitter, params: GatherParams, x: Value, indices: Value, updates: Value): Value => {
  const { offset, batch, indexRank } = dimensionsOf(params, x.type.shape, indices.type.shape);
  const numbers = named([
    ['update_window_dims', offset],
    ['inserted_window_dims', [params.axis]],
    ['input_batching_dims', batch],
    ['scatter_indices_batching_dims', batch],
    ['scatter_dims_to_operand_dims', [params.axis]],
  ]);
  const attributes = `indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<${numbers}, index_vector_dim = ${indexRank}>, unique_indices = false`;
  const scalar = new TensorType(x.type.dtype, []);
  const [a, b] = [to.fresh(scalar), to.fresh(scalar)];
  const types = [x, indices, updates].map(({ type }) => typeText(type)).join(', ');
  const results = to.enclosing(
    `"stablehlo.scatter"(${namesOf([x, indices, updates])}) <{${attributes}}> ({`,
    [x.type],
    `}) : (${types}) -> ${typeText(x.type)}`,
    () => {
      to.edge(`^bb0(${a.name}: ${typeText(scalar)}, ${b.name}: ${typeText(scalar)}):`);
      to.yield([to.map('add', [a, b], scalar)]);
    },
  );
  return operandOf(results, 0);
};

/** Reading and writing where integers say. */
export const indexing = {
  dynamic_slice:
    ({ params: { sizes }, results }: Application<'dynamic_slice'>): Lowering =>
    (to, operands) => [
      to.call(`stablehlo.dynamic_slice ${namesOf(operands)}, sizes = ${list(sizes)}`, operands, operandOf(results, 0)),
    ],
  dynamic_update_slice:
    ({ results }: Application<'dynamic_update_slice'>): Lowering =>
    (to, operands) => [to.call(`stablehlo.dynamic_update_slice ${namesOf(operands)}`, operands, operandOf(results, 0))],
  gather:
    ({ params, results }: Application<'gather'>): Lowering =>
    (to, operands) => {
      const result = operandOf(results, 0);
      // A slice of an empty axis has no extent that StableHLO accepts.
      if (sizeOf(result.shape) === 0) return [to.filled(result, 0)];
      return [gathered(to, params, operandOf(operands, 0), operandOf(operands, 1), result)];
    },
  scatter_add:
    ({ params }: Application<'scatter_add'>): Lowering =>
    (to, operands) => {
      const [x, indices, updates] = [operandOf(operands, 0), operandOf(operands, 1), operandOf(operands, 2)];
      if (sizeOf(updates.type.shape) === 0) return [x];
      const { dtype, shape } = x.type;
      const inside = clamped(to, indices, shape[params.axis] ?? 0);
      // Many updates may meet in one element: their sum is kept like any other.
      const sums = accumulator(dtype);
      return [to.convert(scattered(to, params, to.convert(x, sums), inside, to.convert(updates, sums)), dtype)];
    },
} as const satisfies Partial<Algebra<Lowering>>;
