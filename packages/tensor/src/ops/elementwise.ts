import { apply, type Expr, type Primitive, type TensorExpr } from '../expr.js';
import { gradients, mapData, type NoParams, noGradients, operandAt, sameTypes, single } from '../rule.js';
import { roundHalfEven } from '../value.js';
import { add, div, mul, neg, sub } from './arithmetic.js';

const none: NoParams = {};

/** An elementwise function of a real number; `derivative` is given the operand, the result and the cotangent. */
const unary = <Name extends string>(
  name: Name,
  f: (a: number) => number,
  derivative: (x: TensorExpr, y: TensorExpr, ct: Expr) => Expr,
): Primitive<Name, NoParams> =>
  single<Name, NoParams>({
    name,
    infer: sameTypes(1, 'float'),
    vjp: ({ operands, result, ct }) => gradients(derivative(operandAt(operands, 0), result, ct)),
    ref: (_params, operands) => mapData(operandAt(operands, 0), f),
  });

/** An elementwise step function: its derivative is zero wherever it has one. */
const step = <Name extends string>(name: Name, f: (a: number) => number): Primitive<Name, NoParams> =>
  single<Name, NoParams>({
    name,
    infer: sameTypes(1, 'float'),
    vjp: () => noGradients(1),
    ref: (_params, operands) => mapData(operandAt(operands, 0), f),
  });

// d eˣ = eˣ dx
export const expP: Primitive<'exp', NoParams> = unary('exp', Math.exp, (_x, y, ct) => mul(ct, y));
/** eˣ. */
export const exp = (x: Expr): Expr => apply(expP, none, [x]);

// d (eˣ − 1) = eˣ dx
export const expm1P: Primitive<'expm1', NoParams> = unary('expm1', Math.expm1, (_x, y, ct) => mul(ct, add(y, 1)));
/** eˣ − 1, exact near zero. */
export const expm1 = (x: Expr): Expr => apply(expm1P, none, [x]);

// d ln x = dx / x
export const logP: Primitive<'log', NoParams> = unary('log', Math.log, (x, _y, ct) => div(ct, x));
/** The natural logarithm. */
export const log = (x: Expr): Expr => apply(logP, none, [x]);

// d ln(1 + x) = dx / (1 + x)
export const log1pP: Primitive<'log1p', NoParams> = unary('log1p', Math.log1p, (x, _y, ct) => div(ct, add(x, 1)));
/** ln(1 + x), exact near zero. */
export const log1p = (x: Expr): Expr => apply(log1pP, none, [x]);

// d √x = dx / (2 √x)
export const sqrtP: Primitive<'sqrt', NoParams> = unary('sqrt', Math.sqrt, (_x, y, ct) => div(ct, mul(y, 2)));
/** √x. */
export const sqrt = (x: Expr): Expr => apply(sqrtP, none, [x]);

// d x^(−1/2) = −½ x^(−1/2) / x dx
export const rsqrtP: Primitive<'rsqrt', NoParams> = unary(
  'rsqrt',
  (a) => 1 / Math.sqrt(a),
  (x, y, ct) => mul(ct, mul(div(y, x), -0.5)),
);
/** 1 / √x. */
export const rsqrt = (x: Expr): Expr => apply(rsqrtP, none, [x]);

// d sin x = cos x dx
export const sinP: Primitive<'sin', NoParams> = unary('sin', Math.sin, (x, _y, ct) => mul(ct, cos(x)));
/** sin x, in radians. */
export const sin = (x: Expr): Expr => apply(sinP, none, [x]);

// d cos x = −sin x dx
export const cosP: Primitive<'cos', NoParams> = unary('cos', Math.cos, (x, _y, ct) => neg(mul(ct, sin(x))));
/** cos x, in radians. */
export const cos = (x: Expr): Expr => apply(cosP, none, [x]);

// d tanh x = (1 − tanh² x) dx
export const tanhP: Primitive<'tanh', NoParams> = unary('tanh', Math.tanh, (_x, y, ct) => mul(ct, sub(1, mul(y, y))));
/** tanh x. */
export const tanh = (x: Expr): Expr => apply(tanhP, none, [x]);

// d σ(x) = σ(x) (1 − σ(x)) dx
export const logisticP: Primitive<'logistic', NoParams> = unary(
  'logistic',
  (a) => 1 / (1 + Math.exp(-a)),
  (_x, y, ct) => mul(ct, mul(y, sub(1, y))),
);
/** 1 / (1 + e⁻ˣ). */
export const logistic = (x: Expr): Expr => apply(logisticP, none, [x]);

// d |x| = sign(x) dx
export const absP: Primitive<'abs', NoParams> = unary('abs', Math.abs, (x, _y, ct) => mul(ct, sign(x)));
/** |x|; its derivative at zero is zero. */
export const abs = (x: Expr): Expr => apply(absP, none, [x]);

export const signP: Primitive<'sign', NoParams> = step('sign', Math.sign);
/** −1, 0 or 1; NaN stays NaN. */
export const sign = (x: Expr): Expr => apply(signP, none, [x]);

export const floorP: Primitive<'floor', NoParams> = step('floor', Math.floor);
/** The greatest integer not above x. */
export const floor = (x: Expr): Expr => apply(floorP, none, [x]);

export const ceilP: Primitive<'ceil', NoParams> = step('ceil', Math.ceil);
/** The least integer not below x. */
export const ceil = (x: Expr): Expr => apply(ceilP, none, [x]);

export const roundNearestEvenP: Primitive<'round_nearest_even', NoParams> = step('round_nearest_even', (a) =>
  Number.isFinite(a) ? roundHalfEven(a) : a,
);
/** The nearest integer, ties to even. */
export const roundNearestEven = (x: Expr): Expr => apply(roundNearestEvenP, none, [x]);

/** Whether an element is neither infinite nor NaN. */
export const isFiniteP: Primitive<'is_finite', NoParams> = single<'is_finite', NoParams>({
  name: 'is_finite',
  infer: (params, operands) => sameTypes(1, 'float', 'bool')(params, operands),
  vjp: () => noGradients(1),
  ref: (_params, operands) => mapData(operandAt(operands, 0), (a) => (Number.isFinite(a) ? 1 : 0)),
});
/** True where x is neither infinite nor NaN. */
export const isFinite = (x: Expr): Expr => apply(isFiniteP, none, [x]);
