import { bits, type Key, normal, randint, uniform } from '@torsor/random';
import {
  type DType,
  fromFloat64,
  type Shape,
  sizeOf,
  type TensorType,
  type TensorValue,
  tensorType,
} from '@torsor/tensor';

/** An input of a case: its type, and its numbers as a function of a key. */
export type Source = {
  readonly type: TensorType;
  readonly numbers: (key: Key) => ArrayLike<number>;
};

/** Uniform in `[low, high)`. */
export const between = (low: number, high: number, shape: Shape, dtype: DType = 'f32'): Source => ({
  type: tensorType(dtype, shape),
  numbers: (key) => uniform(key, sizeOf(shape), low, high),
});

/** Normal with mean 0 and variance 1. */
export const normals = (shape: Shape, dtype: DType = 'f32'): Source => ({
  type: tensorType(dtype, shape),
  numbers: (key) => normal(key, sizeOf(shape)),
});

/** Integers uniform in `[low, high]`. */
export const integers = (low: number, high: number, shape: Shape, dtype: DType = 'i32'): Source => ({
  type: tensorType(dtype, shape),
  numbers: (key) => randint(key, sizeOf(shape), low, high + 1),
});

/** Integers of all 32 bits, so that sums and products wrap. */
export const wideIntegers = (shape: Shape, dtype: 'i32' | 'u32' = 'i32'): Source => ({
  type: tensorType(dtype, shape),
  numbers: (key) => Float64Array.from(bits(key, sizeOf(shape)), (word) => (dtype === 'i32' ? word | 0 : word)),
});

/** True and false alike. */
export const bools = (shape: Shape): Source => integers(0, 1, shape, 'bool');

/** Given numbers in row-major order. */
export const given = (numbers: readonly number[], dtype: DType = 'f32', shape: Shape = [numbers.length]): Source => ({
  type: tensorType(dtype, shape),
  numbers: () => numbers,
});

/** Small numbers of any dtype, for cases that only move elements: distinct for most elements, exact in every dtype. */
export const anything = (shape: Shape, dtype: DType): Source => {
  if (dtype === 'bool') return bools(shape);
  return integers(dtype === 'u32' ? 0 : -99, 99, shape, dtype);
};

/** The value of a source. */
export const valueOf = ({ type, numbers }: Source, key: Key): TensorValue => fromFloat64(type, numbers(key));
