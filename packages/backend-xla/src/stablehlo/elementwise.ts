import { type Algebra, type Application, type DType, isFloat, TensorType } from '@torsor/tensor';
import type { Emitter, Lowering } from './emitter.js';
import { operandOf } from './operand.js';
import { typeList } from './types.js';
import type { Value } from './value.js';

/** The same operation of StableHLO, on operands and result of one type. */
const same =
  (name: string) =>
  ({ results: [type] }: { readonly results: readonly TensorType[] }): Lowering =>
  (to, operands) =>
    type === undefined ? [] : [to.map(name, operands, type)];

const kindOf = (dtype: DType): string => (isFloat(dtype) ? 'FLOAT' : dtype === 'i32' ? 'SIGNED' : 'UNSIGNED');

/** A comparison: `EQ`, `NE`, `LT`, `LE`, `GT` or `GE`. */
export const compared = (to: Emitter, direction: string, x: Value, y: Value): Value =>
  to.call(
    `stablehlo.compare ${direction}, ${x.name}, ${y.name}, ${kindOf(x.type.dtype)}`,
    [x, y],
    new TensorType('bool', x.type.shape),
  );

/** `x` where the predicate holds, `y` elsewhere. */
export const selected = (to: Emitter, predicate: Value, x: Value, y: Value): Value =>
  to.op(`stablehlo.select ${predicate.name}, ${x.name}, ${y.name}`, typeList([predicate.type, x.type]), x.type);

/**
 * An integer division or remainder; `byZero` says what a division by zero gives. XLA's devices agree on that, but its
 * compiler divides constants on the host, where a division by zero ends the process: so it never sees one.
 */
const divided = (to: Emitter, name: string, x: Value, y: Value, byZero: () => Value): Value => {
  const { type } = y;
  const isZero = compared(to, 'EQ', y, to.filled(type, 0));
  const divisor = selected(to, isZero, to.filled(type, 1), y);
  return selected(to, isZero, byZero(), to.map(name, [x, divisor], type));
};

/** A division of floats as it is, of integers guarded. */
const division = (name: string, byZero: (to: Emitter, x: Value) => Value) => (): Lowering => (to, operands) => {
  const [x, y] = [operandOf(operands, 0), operandOf(operands, 1)];
  return [isFloat(x.type.dtype) ? to.map(name, [x, y], x.type) : divided(to, name, x, y, () => byZero(to, x))];
};

/** All bits set. */
const ones = (to: Emitter, { type }: Value): Value => to.filled(type, type.dtype === 'u32' ? 2 ** 32 - 1 : -1);

const identity = (): Lowering => (_to, operands) => operands;

/** Functions of corresponding elements. */
export const elementwise = {
  abs: same('abs'),
  add: same('add'),
  and: same('and'),
  ceil: same('ceil'),
  compare:
    ({ params: { direction } }: Application<'compare'>): Lowering =>
    (to, operands) => [compared(to, direction, operandOf(operands, 0), operandOf(operands, 1))],
  convert:
    ({ params: { dtype } }: Application<'convert'>): Lowering =>
    (to, operands) => [to.convert(operandOf(operands, 0), dtype)],
  cos: same('cosine'),
  div: division('divide', ones),
  exp: same('exponential'),
  expm1: same('exponential_minus_one'),
  floor: same('floor'),
  is_finite: (): Lowering => (to, operands) => {
    const x = operandOf(operands, 0);
    return [to.call(`stablehlo.is_finite ${x.name}`, [x], new TensorType('bool', x.type.shape))];
  },
  log: same('log'),
  log1p: same('log_plus_one'),
  logistic: same('logistic'),
  maximum: same('maximum'),
  minimum: same('minimum'),
  mul: same('multiply'),
  neg: same('negate'),
  not: same('not'),
  or: same('or'),
  pow: same('power'),
  rem: division('remainder', (_to, x) => x),
  round_nearest_even: same('round_nearest_even'),
  rsqrt: same('rsqrt'),
  select: (): Lowering => (to, operands) => [
    selected(to, operandOf(operands, 0), operandOf(operands, 1), operandOf(operands, 2)),
  ],
  sign: same('sign'),
  sin: same('sine'),
  sqrt: same('sqrt'),
  stop_gradient: identity,
  sub: same('subtract'),
  tanh: same('tanh'),
} as const satisfies Partial<Algebra<Lowering>>;
