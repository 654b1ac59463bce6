import type { Expr, Primitive } from '../expr.js';
import { apply } from '../expr.js';
import { gradients, mapData, type NoParams, operandAt, sameTypes, single, wrapIntegers, zipData } from '../rule.js';
import { applyBroadcast, type Operand } from '../sugar.js';
import type { DType } from '../type.js';

const none: NoParams = {};

/** A 32-bit product: `Math.imul`, because a double loses the low bits of a large product. */
const product = (dtype: DType): ((a: number, b: number) => number) =>
  dtype === 'i32' ? Math.imul : dtype === 'u32' ? (a, b) => Math.imul(a, b) >>> 0 : (a, b) => a * b;

/** Integer division truncates; by zero it gives −1, all bits set, as StableHLO's CPU and GPU backends do. */
const quotient = (dtype: DType): ((a: number, b: number) => number) =>
  dtype === 'i32' || dtype === 'u32' ? (a, b) => (b === 0 ? -1 : Math.trunc(a / b)) : (a, b) => a / b;

/** −x. */
export const negP: Primitive<'neg', NoParams> = single({
  name: 'neg',
  infer: sameTypes(1, 'number'),
  // d(−x) = −dx
  vjp: ({ ct }) => gradients(neg(ct)),
  ref: (_params, operands, result) =>
    wrapIntegers(
      mapData(operandAt(operands, 0), (a) => -a),
      result.dtype,
    ),
});

/** −x. */
export const neg = (x: Expr): Expr => apply(negP, none, [x]);

/** x + y. */
export const addP: Primitive<'add', NoParams> = single({
  name: 'add',
  infer: sameTypes(2, 'number'),
  // d(x + y) = dx + dy
  vjp: ({ ct }) => gradients(ct, ct),
  ref: (_params, operands, result) =>
    wrapIntegers(
      zipData(operandAt(operands, 0), operandAt(operands, 1), (a, b) => a + b),
      result.dtype,
    ),
});

/** x + y, broadcast. */
export const add = (x: Operand, y: Operand): Expr => applyBroadcast(addP, none, [x, y]);

/** x − y. */
export const subP: Primitive<'sub', NoParams> = single({
  name: 'sub',
  infer: sameTypes(2, 'number'),
  // d(x − y) = dx − dy
  vjp: ({ ct }) => gradients(ct, neg(ct)),
  ref: (_params, operands, result) =>
    wrapIntegers(
      zipData(operandAt(operands, 0), operandAt(operands, 1), (a, b) => a - b),
      result.dtype,
    ),
});

/** x − y, broadcast. */
export const sub = (x: Operand, y: Operand): Expr => applyBroadcast(subP, none, [x, y]);

/** x · y. */
export const mulP: Primitive<'mul', NoParams> = single({
  name: 'mul',
  infer: sameTypes(2, 'number'),
  // d(x y) = y dx + x dy
  vjp: ({ operands, ct }) => gradients(mul(ct, operandAt(operands, 1)), mul(ct, operandAt(operands, 0))),
  ref: (_params, operands, result) =>
    wrapIntegers(zipData(operandAt(operands, 0), operandAt(operands, 1), product(result.dtype)), result.dtype),
});

/** x · y, broadcast. */
export const mul = (x: Operand, y: Operand): Expr => applyBroadcast(mulP, none, [x, y]);

/** x / y. */
export const divP: Primitive<'div', NoParams> = single({
  name: 'div',
  infer: sameTypes(2, 'number'),
  // d(x / y) = dx / y − (x / y) dy / y
  vjp: ({ operands, result, ct }) => {
    const overY = div(ct, operandAt(operands, 1));
    return gradients(overY, neg(mul(overY, result)));
  },
  ref: (_params, operands, result) =>
    wrapIntegers(zipData(operandAt(operands, 0), operandAt(operands, 1), quotient(result.dtype)), result.dtype),
});

/** x / y, broadcast; integers truncate toward zero. */
export const div = (x: Operand, y: Operand): Expr => applyBroadcast(divP, none, [x, y]);
