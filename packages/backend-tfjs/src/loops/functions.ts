import { type Direction, power, roundHalfEven } from '@torsor/tensor';
import type { BinaryName, DeviceDType, UnaryName } from '../kernels.js';

const realUnary: { readonly [N in UnaryName]: (a: number) => number } = {
  abs: Math.abs,
  ceil: Math.ceil,
  cos: Math.cos,
  exp: Math.exp,
  expm1: Math.expm1,
  floor: Math.floor,
  is_finite: (a) => (Number.isFinite(a) ? 1 : 0),
  log: Math.log,
  log1p: Math.log1p,
  logistic: (a) => 1 / (1 + Math.exp(-a)),
  neg: (a) => -a,
  not: (a) => 1 - a,
  round_nearest_even: roundHalfEven,
  rsqrt: (a) => 1 / Math.sqrt(a),
  sign: Math.sign,
  sin: Math.sin,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
};

const realBinary: { readonly [N in BinaryName]: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  and: (a, b) => a & b,
  div: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  mul: (a, b) => a * b,
  or: (a, b) => a | b,
  pow: power,
  rem: (a, b) => a % b,
  sub: (a, b) => a - b,
};

/** A function of one number as an element type has it. */
export const unaryFunction = (name: UnaryName, dtype: DeviceDType): ((a: number) => number) => {
  return name === 'not' && dtype === 'i32' ? (a) => ~a : realUnary[name];
};

/** A function of two numbers as an element type has it: integers wrap, divide by truncation, and by zero to −1. */
export const binaryFunction = (name: BinaryName, dtype: DeviceDType): ((a: number, b: number) => number) => {
  if (dtype !== 'i32') return realBinary[name];
  if (name === 'mul') return Math.imul;
  if (name === 'div') return (a, b) => (b === 0 ? -1 : (a / b) | 0);
  if (name === 'rem') return (a, b) => (b === 0 ? a : a % b);
  return realBinary[name];
};

/** The comparisons; with a NaN every one but NE is false. */
export const comparisons: { readonly [D in Direction]: (a: number, b: number) => number } = {
  EQ: (a, b) => (a === b ? 1 : 0),
  NE: (a, b) => (a === b ? 0 : 1),
  LT: (a, b) => (a < b ? 1 : 0),
  LE: (a, b) => (a <= b ? 1 : 0),
  GT: (a, b) => (a > b ? 1 : 0),
  GE: (a, b) => (a >= b ? 1 : 0),
};

const least = -(2 ** 31);
const greatest = 2 ** 31 - 1;

/** A number as another element type: floats truncate and saturate as integers, NaN gives 0; anything but 0 is true. */
export const conversion = (to: DeviceDType): ((a: number) => number) => {
  if (to === 'bool') return (a) => (a === 0 ? 0 : 1);
  if (to === 'i32') return (a) => (Number.isNaN(a) ? 0 : Math.min(Math.max(Math.trunc(a), least), greatest));
  return (a) => a;
};
