import type { Expr, Primitive } from '../expr.js';
import { gradients, type NoParams, operandAt, sameTypes, single, wrapIntegers, zipData } from '../rule.js';
import { applyBroadcast, type Operand, onesLike, zerosLike } from '../sugar.js';
import { div, mul, neg, sub } from './arithmetic.js';
import { and, eq, lt, select } from './compare.js';
import { ceil, floor, log } from './elementwise.js';

const none: NoParams = {};

/** IEEE 754's power, which is 1 where ECMAScript's is NaN: of 1 to any power, of −1 to an infinite one. */
export const power = (a: number, b: number): number =>
  a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b;

/** xʸ. */
export const powP: Primitive<'pow', NoParams> = single<'pow', NoParams>({
  name: 'pow',
  infer: sameTypes(2, 'float'),
  // d xʸ = y x^(y−1) dx + xʸ ln x dy; at x = y = 0 the first term is 0, and at x = 0 the second is taken as 0, as in JAX
  vjp: ({ operands, result, ct }) => {
    const [x, y] = [operandAt(operands, 0), operandAt(operands, 1)];
    const [zero, one] = [zerosLike(y), onesLike(y)];
    const xIsZero = eq(x, zero);
    // Elsewhere at y = 0 the exponent stays, so that the derivative of the derivative is right there too.
    const exponent = select(and(xIsZero, eq(y, zero)), one, sub(y, one));
    const safeLog = log(select(xIsZero, one, x));
    return gradients(mul(ct, mul(y, pow(x, exponent))), mul(ct, mul(result, safeLog)));
  },
  ref: (_params, operands) => zipData(operandAt(operands, 0), operandAt(operands, 1), power),
});

/** xʸ, broadcast. */
export const pow = (x: Operand, y: Operand): Expr => applyBroadcast(powP, none, [x, y]);

/** The remainder of truncated division; it has the sign of the dividend. */
export const remP: Primitive<'rem', NoParams> = single<'rem', NoParams>({
  name: 'rem',
  infer: sameTypes(2, 'number'),
  // d (x − y trunc(x/y)) = dx − trunc(x/y) dy
  vjp: ({ operands, ct }) => {
    const [x, y] = [operandAt(operands, 0), operandAt(operands, 1)];
    return gradients(ct, neg(mul(ct, truncate(div(x, y)))));
  },
  ref: (_params, operands, result) =>
    wrapIntegers(
      zipData(operandAt(operands, 0), operandAt(operands, 1), (a, b) =>
        b === 0 && (result.dtype === 'i32' || result.dtype === 'u32') ? a : a % b,
      ),
      result.dtype,
    ),
});

const truncate = (x: Expr): Expr => select(lt(x, 0), ceil(x), floor(x));

/** The remainder of x / y with the sign of x, broadcast; an integer remainder by zero is x. */
export const rem = (x: Operand, y: Operand): Expr => applyBroadcast(remP, none, [x, y]);
