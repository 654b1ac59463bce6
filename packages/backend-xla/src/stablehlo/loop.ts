import { type Algebra, type Application, type ScanParams, TensorType } from '@torsor/tensor';
import { compared } from './elementwise.js';
import { type Emitter, type Lowering, namesOf } from './emitter.js';
import { operandOf } from './operand.js';
import { gatheredElement } from './partitioning.js';
import { list, typeList } from './types.js';
import type { Value } from './value.js';

const elementType = ({ dtype, shape }: TensorType): TensorType => new TensorType(dtype, shape.slice(1));
const rowType = ({ dtype, shape }: TensorType): TensorType => new TensorType(dtype, [1, ...shape]);

/** The start indices of the slice at `at` along the first axis. */
const startsAt = (type: TensorType, at: Value, zero: Value): readonly Value[] =>
  type.shape.map((_, axis) => (axis === 0 ? at : zero));

const elementAt = (to: Emitter, sequence: Value, at: Value, zero: Value): Value => {
  const element = elementType(sequence.type);
  const row = rowType(element);
  const operands = [sequence, ...startsAt(sequence.type, at, zero)];
  const slice = to.call(`stablehlo.dynamic_slice ${namesOf(operands)}, sizes = ${list(row.shape)}`, operands, row);
  return { ...to.reshape(slice, element), wanted: gatheredElement(sequence.layout) };
};

const withElement = (to: Emitter, stacked: Value, element: Value, at: Value, zero: Value): Value => {
  const row = to.reshape(element, rowType(element.type));
  const operands = [stacked, row, ...startsAt(stacked.type, at, zero)];
  return to.call(`stablehlo.dynamic_update_slice ${namesOf(operands)}`, operands, stacked.type);
};

/** What the loop carries from step to step; constants and sequences pass through unchanged. */
type State = {
  readonly counter: Value;
  readonly consts: readonly Value[];
  readonly carry: readonly Value[];
  readonly sequences: readonly Value[];
  readonly stacked: readonly Value[];
};

const flat = ({ counter, consts, carry, sequences, stacked }: State): readonly Value[] => [
  counter,
  ...consts,
  ...carry,
  ...sequences,
  ...stacked,
];

const position = (to: Emitter, counter: Value, { length, reverse }: ScanParams): Value =>
  reverse ? to.map('subtract', [to.scalar('i32', length - 1), counter], counter.type) : counter;

const step = (to: Emitter, params: ScanParams, state: State): State => {
  const { counter, consts, carry, sequences, stacked } = state;
  const zero = to.scalar('i32', 0);
  const at = position(to, counter, params);
  const elements = sequences.map((sequence) => elementAt(to, sequence, at, zero));
  const outputs = to.inline(params.body, [...consts, ...carry, ...elements]);
  const rows = outputs.slice(params.numCarry);
  return {
    ...state,
    counter: to.map('add', [counter, to.scalar('i32', 1)], counter.type),
    carry: outputs.slice(0, params.numCarry),
    stacked: stacked.map((value, i) => withElement(to, value, operandOf(rows, i), at, zero)),
  };
};

const stateOf = (
  { numConsts, numCarry }: ScanParams,
  counter: Value,
  operands: readonly Value[],
  stacked: readonly Value[],
): State => ({
  counter,
  consts: operands.slice(0, numConsts),
  carry: operands.slice(numConsts, numConsts + numCarry),
  sequences: operands.slice(numConsts + numCarry),
  stacked,
});

const scan = (
  to: Emitter,
  params: ScanParams,
  operands: readonly Value[],
  results: readonly TensorType[],
): readonly Value[] => {
  const { numConsts, numCarry, length } = params;
  const empty = results.slice(numCarry).map((type) => to.filled(type, 0));
  // Nothing can be sliced from an empty sequence, not even in a loop that makes no step.
  if (length === 0) return [...operands.slice(numConsts, numConsts + numCarry), ...empty];
  const initial = flat(stateOf(params, to.scalar('i32', 0), operands, empty));
  const types = initial.map(({ type }) => type);
  const carried = 1 + numConsts;
  const formals = initial.map(({ type, layout }, i) => ({
    ...to.fresh(type),
    layout: i < carried || i >= carried + numCarry ? layout : undefined,
  }));
  const bindings = formals.map(({ name }, i) => `${name} = ${operandOf(initial, i).name}`);
  const counter = operandOf(formals, 0);
  const inside = formals.slice(1);
  const loop = to.enclosing(`stablehlo.while(${bindings.join(', ')}) : ${typeList(types)} cond {`, types, '}', () => {
    to.yield([compared(to, 'LT', counter, to.scalar('i32', length))]);
    to.edge('} do {');
    const state = stateOf(params, counter, inside.slice(0, operands.length), inside.slice(operands.length));
    to.yield(flat(step(to, params, state)));
  });
  const last = stateOf(params, operandOf(loop, 0), loop.slice(1, 1 + operands.length), loop.slice(1 + operands.length));
  return [...last.carry, ...last.stacked];
};

/** Loops and named composites. */
export const loops = {
  block:
    ({ params: { body } }: Application<'block'>): Lowering =>
    (to, operands) =>
      to.inline(body, operands),
  scan:
    ({ params, results }: Application<'scan'>): Lowering =>
    (to, operands) =>
      scan(to, params, operands, results),
} as const satisfies Partial<Algebra<Lowering>>;
