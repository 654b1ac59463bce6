import {
  type Algebra,
  type Application,
  applyAlgebra,
  type Graph,
  type ScanParams,
  sizeOf,
  type TensorExpr,
  type TensorType,
  topological,
} from '@torsor/tensor';
import { given, PlanBuilder, type UnrollLimits, unrollLimits } from '../plan/builder.js';
import type { Plan } from '../plan/plan.js';
import type { Value } from '../plan/value.js';
import { dotGeneral } from './dot.js';
import { binary, compare, convert, identity, select, unary } from './elementwise.js';
import { dynamicSlice, dynamicUpdateSlice, gather, scatterAdd } from './indexing.js';
import { argmax, cumsum, reduce } from './reduce.js';
import type { Lower } from './rule.js';
import { broadcastInDim, concatenate, constant, iota, pad, reshape, slice, transpose } from './shape.js';

/** How each primitive becomes steps. The type demands a rule for every primitive of the language. */
type Lowering = Algebra<Lower>;

const scan = ({ params, results }: Application<'scan'>): Lower => {
  const { body, numConsts, numCarry, length, reverse } = params;
  return (builder, operands) => {
    if (unrolls(builder.limits, body, length)) return unrolled(builder, params, operands, results);
    const plan = planGraph(body, builder.limits);
    const full = operands.map((operand) => builder.full(operand));
    return builder.loop({ body: plan, numConsts, numCarry, length, reverse }, full, results);
  };
};

// written out, a loop's backward pass finds the steps of its forward pass already made, and nothing is stacked in between
const unrolls = (limits: UnrollLimits, body: Graph, length: number): boolean => {
  const nodes = topological(body.outputs);
  const sizes = nodes.flatMap((node) =>
    node._tag === 'Input' ? [] : node.results.map(({ type }) => sizeOf(type.shape)),
  );
  const bytes = 4 * sizes.reduce((sum, size) => sum + size, 0);
  return length > 0 && length * bytes <= limits.bytes && length * nodes.length <= limits.nodes;
};

const unrolled = (
  builder: PlanBuilder,
  { body, numConsts, numCarry, length, reverse }: ScanParams,
  operands: readonly Value[],
  results: readonly TensorType[],
): readonly Value[] => {
  const consts = operands.slice(0, numConsts);
  const sequences = operands.slice(numConsts + numCarry);
  const elementTypes = body.inputs.slice(numConsts + numCarry).map(({ type }) => type);
  const stacked = results.slice(numCarry).map((): Value[] => []);
  let carry = operands.slice(numConsts, numConsts + numCarry);
  for (let n = 0; n < length; n++) {
    const position = reverse ? length - 1 - n : n;
    const elements = sequences.map((sequence, i) => builder.element(sequence, position, given(elementTypes[i])));
    const made = lowerGraph(builder, body, [...consts, ...carry, ...elements]);
    carry = made.slice(0, numCarry);
    stacked.forEach((parts, i) => {
      parts[position] = given(made[numCarry + i]);
    });
  }
  return [
    ...carry,
    ...stacked.map((parts, i): Value => ({ _tag: 'Stacked', type: given(results[numCarry + i]), parts })),
  ];
};

/** The steps of every primitive. */
const lowering: Lowering = {
  abs: unary,
  add: binary,
  and: binary,
  argmax,
  block:
    ({ params }) =>
    (builder, operands) =>
      lowerGraph(builder, params.body, operands),
  broadcast_in_dim: broadcastInDim,
  ceil: unary,
  compare,
  concatenate,
  constant,
  convert,
  cos: unary,
  cumsum,
  div: binary,
  dot_general: dotGeneral,
  dynamic_slice: dynamicSlice,
  dynamic_update_slice: dynamicUpdateSlice,
  exp: unary,
  expm1: unary,
  floor: unary,
  gather,
  iota,
  is_finite: unary,
  log: unary,
  log1p: unary,
  logistic: unary,
  maximum: binary,
  minimum: binary,
  mul: binary,
  neg: unary,
  not: unary,
  or: binary,
  pad,
  pow: binary,
  reduce_max: reduce,
  reduce_min: reduce,
  reduce_sum: reduce,
  rem: binary,
  reshape,
  round_nearest_even: unary,
  rsqrt: unary,
  scan,
  scatter_add: scatterAdd,
  select,
  sign: unary,
  sin: unary,
  slice,
  sqrt: unary,
  stop_gradient: identity,
  sub: binary,
  tanh: unary,
  transpose,
};

/**
 * Appends the steps of a graph.
 *
 * @param builder - the plan under construction.
 * @param graph - a closed graph whose dtypes the device has.
 * @param inputs - values of its inputs.
 * @returns values of its outputs.
 */
const lowerGraph = (builder: PlanBuilder, graph: Graph, inputs: readonly Value[]): readonly Value[] => {
  const values = new Map<TensorExpr, Value>();
  graph.inputs.forEach((expr, i) => {
    values.set(expr, given(inputs[i]));
  });
  const valueOf = (expr: TensorExpr): Value => given(values.get(expr));
  for (const node of topological(graph.outputs)) {
    if (node._tag === 'Input') continue;
    const made = applyAlgebra(lowering, node)(builder, node.operands.map(valueOf));
    node.results.forEach((expr, i) => {
      values.set(expr, given(made[i]));
    });
  }
  return graph.outputs.map(valueOf);
};

/**
 * The plan of a graph.
 *
 * @param graph - a closed graph whose dtypes the device has.
 * @param limits - which loops are written out.
 */
export const planGraph = (graph: Graph, limits: UnrollLimits = unrollLimits): Plan => {
  const builder = new PlanBuilder(limits);
  const inputs = graph.inputs.map(({ type }) => builder.input(type));
  return builder.finish(lowerGraph(builder, graph, inputs));
};
