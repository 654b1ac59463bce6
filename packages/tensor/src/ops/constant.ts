import * as E from 'fp-ts/lib/Either.js';
import { apply, type Expr, type Primitive } from '../expr.js';
import { isShape, noGradients, single } from '../rule.js';
import { type DType, entry, extentOf, isFloat, type Shape, sizeOf, stridesOf, TensorType } from '../type.js';

/** One value for every element, or one per element in row-major order. */
export type ConstantParams = {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly values: readonly number[];
};

/** Whether a number is an element of a dtype, up to the rounding of real numbers. */
export const isElement = (dtype: DType, value: number): boolean => {
  if (isFloat(dtype)) return typeof value === 'number';
  if (dtype === 'bool') return value === 0 || value === 1;
  if (!Number.isInteger(value)) return false;
  return dtype === 'u32' ? value >= 0 && value < 2 ** 32 : value >= -(2 ** 31) && value < 2 ** 31;
};

/** A tensor whose elements are known when the program is built. */
export const constantP: Primitive<'constant', ConstantParams> = single({
  name: 'constant',
  infer: ({ dtype, shape, values }) => {
    if (!isShape(shape)) return E.left(`[${shape.join(',')}] is not a shape`);
    if (values.length !== 1 && values.length !== sizeOf(shape)) {
      return E.left(`expected 1 or ${sizeOf(shape)} values, got ${values.length}`);
    }
    const wrong = values.find((value) => !isElement(dtype, value));
    return wrong === undefined ? E.right(new TensorType(dtype, shape)) : E.left(`${wrong} is not a ${dtype}`);
  },
  vjp: () => noGradients(0),
  ref: ({ values }, _operands, { shape }) =>
    values.length === 1 ? new Float64Array(sizeOf(shape)).fill(entry(values, 0)) : Float64Array.from(values),
});

/** A tensor filled with one number. */
export const constant = (value: number, dtype: DType, shape: Shape = []): Expr =>
  apply(constantP, { dtype, shape, values: [value] }, []);

/** A tensor of given numbers in row-major order. */
export const literal = (values: readonly number[], dtype: DType, shape: Shape = [values.length]): Expr =>
  apply(constantP, { dtype, shape, values }, []);

/** The axis along which the elements count up. */
export type IotaParams = {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly dimension: number;
};

/** `out[…, i, …] = i` along one axis. */
export const iotaP: Primitive<'iota', IotaParams> = single({
  name: 'iota',
  infer: ({ dtype, shape, dimension }) => {
    if (!isShape(shape)) return E.left(`[${shape.join(',')}] is not a shape`);
    if (dtype === 'bool') return E.left('expected a number type, got bool');
    if (!Number.isInteger(dimension) || dimension < 0 || dimension >= shape.length) {
      return E.left(`dimension ${dimension} is outside the rank ${shape.length}`);
    }
    return E.right(new TensorType(dtype, shape));
  },
  vjp: () => noGradients(0),
  ref: ({ dimension }, _operands, { shape }) => {
    const stride = entry(stridesOf(shape), dimension);
    const extent = extentOf(shape, dimension);
    return new Float64Array(sizeOf(shape)).map((_, i) => Math.floor(i / stride) % extent);
  },
});

/** A tensor that counts `0, 1, …` along `dimension` and is constant along the other axes. */
export const iota = (dtype: DType, shape: Shape, dimension = 0): Expr => apply(iotaP, { dtype, shape, dimension }, []);
