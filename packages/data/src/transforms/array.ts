import * as E from 'fp-ts/lib/Either.js';
import type { TransformError } from './error.js';

/** Element types of host arrays, by numpy's names. */
export type NdType = 'uint8' | 'bool' | 'int32' | 'float32' | 'float64';

/** Elements in row-major order; a bool is a byte, 0 or 1. */
export type NdData = Uint8Array | Int32Array | Float32Array | Float64Array;

/** An array on the host: what a robot, a dataset or a transform gives. */
export class NdArray {
  readonly dtype: NdType;
  readonly shape: readonly number[];
  readonly data: NdData;

  constructor(dtype: NdType, shape: readonly number[], data: NdData) {
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }
}

/** A batch of `b` samples: arrays `[b, …]`, `b` texts, and records of them, under openpi's keys. */
export type DataDict = { readonly [key: string]: DataValue };

/** One entry of a `DataDict`. */
export type DataValue = NdArray | readonly string[] | DataDict;

/** One sample: arrays without a batch axis, texts, and records of them, under openpi's keys. */
export type SampleDict = { readonly [key: string]: SampleValue };

/** One entry of a `SampleDict`. */
export type SampleValue = NdArray | string | SampleDict;

/** The number of elements of a shape. */
const elements = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

/** An array as an error names it: `float32[3, 14]`. */
export const showNdArray = ({ dtype, shape }: NdArray): string => `${dtype}[${shape.join(', ')}]`;

const kinds: Readonly<Record<NdType, (data: NdData) => boolean>> = {
  uint8: (data) => data instanceof Uint8Array,
  bool: (data) => data instanceof Uint8Array && data.every((item) => item <= 1),
  int32: (data) => data instanceof Int32Array,
  float32: (data) => data instanceof Float32Array,
  float64: (data) => data instanceof Float64Array,
};

/**
 * An array of a type and shape, whose elements are shared and not copied.
 *
 * @errors `WrongValue` when the elements are of another kind, or do not fill the shape.
 */
export const ndArray = (dtype: NdType, shape: readonly number[], data: NdData): E.Either<TransformError, NdArray> =>
  kinds[dtype](data) && data.length === elements(shape)
    ? E.right(new NdArray(dtype, shape, data))
    : E.left({
        _tag: 'WrongValue',
        transform: 'ndArray',
        key: 'data',
        expected: `${elements(shape)} elements of ${dtype}`,
        found: `${data.length} elements of ${data.constructor.name}`,
      });

/** One bool for each of `b` samples. */
export const boolRows = (value: boolean, b: number): NdArray =>
  new NdArray('bool', [b], new Uint8Array(b).fill(value ? 1 : 0));
