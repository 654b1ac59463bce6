import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { apply, type Expr, type Primitive, withType } from '../expr.js';
import { checkOperands, gradients, mapData, type NoParams, noGradients, operandAt, single } from '../rule.js';
import { type DType, isFloat, TensorType } from '../type.js';

/** The dtype of the result. */
export type ConvertParams = {
  readonly dtype: DType;
};

/** The sum with 0 makes −0, which no integer is, 0. */
const saturate = (x: number, low: number, high: number): number =>
  Number.isNaN(x) ? 0 : Math.min(Math.max(Math.trunc(x), low), high) + 0;

const conversion = (from: DType, to: DType): ((x: number) => number) => {
  if (to === 'bool') return (x) => (x === 0 ? 0 : 1);
  if (to === 'i32') return from === 'u32' ? (x) => x | 0 : (x) => saturate(x, -(2 ** 31), 2 ** 31 - 1);
  if (to === 'u32') return from === 'i32' ? (x) => x >>> 0 : (x) => saturate(x, 0, 2 ** 32 - 1);
  return (x) => x;
};

/**
 * Another element type. Floats become integers by truncation, saturating, NaN giving 0; anything but 0 is true; i32
 * and u32 keep their bits.
 */
export const convertP: Primitive<'convert', ConvertParams> = single<'convert', ConvertParams>({
  name: 'convert',
  infer: ({ dtype }, operands) => {
    const checked = checkOperands(operands, 1, 'any');
    return E.isLeft(checked) ? checked : E.right(new TensorType(dtype, operandAt(operands, 0).shape));
  },
  // Between real types convert is linear: the cotangent is converted back.
  vjp: ({ operands, params, ct }) => {
    const from = operandAt(operands, 0).type.dtype;
    return isFloat(from) && isFloat(params.dtype) ? gradients(convert(ct, from)) : [O.none];
  },
  ref: ({ dtype }, operands) => {
    const x = operandAt(operands, 0);
    return mapData(x, conversion(x.type.dtype, dtype));
  },
});

/** `x` with another element type. */
export const convert = (x: Expr, dtype: DType): Expr =>
  withType(x, (type) => (type.dtype === dtype ? x : apply(convertP, { dtype }, [x])));

const none: NoParams = {};

/** The identity whose derivative is zero. */
export const stopGradientP: Primitive<'stop_gradient', NoParams> = single<'stop_gradient', NoParams>({
  name: 'stop_gradient',
  infer: (_params, operands) => {
    const checked = checkOperands(operands, 1, 'any');
    return E.isLeft(checked) ? checked : E.right(operandAt(operands, 0));
  },
  vjp: () => noGradients(1),
  ref: (_params, operands) => operandAt(operands, 0).data,
});

/** `x`, treated as a constant by every derivative. */
export const stopGradient = (x: Expr): Expr => apply(stopGradientP, none, [x]);
