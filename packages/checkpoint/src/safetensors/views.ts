import * as E from 'fp-ts/lib/Either.js';
import { itemSize, type SafetensorsDType } from './dtype.js';
import type { SafetensorsError } from './error.js';
import { halfToFloat } from './half.js';
import type { SafetensorsTensor } from './tensor.js';

/** The array that holds each dtype's elements; 16-bit floats stay as their bit patterns. */
export type StoredArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** A tensor's elements in the array of its dtype. */
export type TypedTensor = {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly elements: StoredArray;
};

type ArrayOf<A> = {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
  readonly BYTES_PER_ELEMENT: number;
};

const arrays: { readonly [D in SafetensorsDType]: ArrayOf<StoredArray> } = {
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  F8_E5M2: Uint8Array,
  F8_E4M3: Uint8Array,
  I16: Int16Array,
  U16: Uint16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
  F32: Float32Array,
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
};

/**
 * An array for as many elements of a dtype, all zero.
 *
 * @param name - the tensor's, for messages.
 * @errors `TooLarge` when this version of Node has no array of that length, or the machine not that much memory.
 */
export const zeroArray = (
  name: string,
  dtype: SafetensorsDType,
  elements: number,
): E.Either<SafetensorsError, StoredArray> =>
  E.tryCatch(
    () => new arrays[dtype](new ArrayBuffer(elements * itemSize(dtype)), 0, elements),
    (): SafetensorsError => ({ _tag: 'TooLarge', name, bytes: elements * itemSize(dtype) }),
  );

// A typed array must begin at a multiple of its item size; other writers' files may not oblige.
const view = <A>(array: ArrayOf<A>, data: Uint8Array): A => {
  const aligned = data.byteOffset % array.BYTES_PER_ELEMENT === 0 ? data : new Uint8Array(data);
  return new array(aligned.buffer, aligned.byteOffset, aligned.byteLength / array.BYTES_PER_ELEMENT);
};

/**
 * A tensor's elements in the typed array of its dtype: a view where the bytes are aligned, else a copy. F16 and BF16 give
 * `Uint16Array` bit patterns, BOOL and 8-bit floats give `Uint8Array`. Bytes are taken as the machine's, which is little-endian.
 */
export const typedData = (tensor: SafetensorsTensor): StoredArray => view(arrays[tensor.dtype], tensor.data);

// A loop, since `Uint32Array.from` with a function takes over ten times as long.
const widened = (halves: Uint16Array): Float32Array => {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i += 1) bits[i] = (halves[i] ?? 0) << 16;
  return new Float32Array(bits.buffer);
};

/**
 * A tensor's elements as float32: those of F32 themselves (or an aligned copy), exact widening of F16 and BF16.
 *
 * @errors `WrongDType` for every other dtype, whose values float32 may not hold.
 */
export const toFloat32 = (tensor: SafetensorsTensor | TypedTensor): E.Either<SafetensorsError, Float32Array> => {
  const elements = 'elements' in tensor ? tensor.elements : typedData(tensor);
  if (elements instanceof Float32Array) return E.right(elements);
  if (elements instanceof Uint16Array && tensor.dtype === 'BF16') return E.right(widened(elements));
  if (elements instanceof Uint16Array && tensor.dtype === 'F16')
    return E.right(Float32Array.from(elements, halfToFloat));
  return E.left({ _tag: 'WrongDType', dtype: tensor.dtype, wanted: 'float32 (F32, BF16 or F16)' });
};

/** A tensor over the bytes of a typed array, without a copy. Whether the shape fits is checked by `encodeSafetensors`. */
export const fromTypedArray = (
  dtype: SafetensorsDType,
  shape: readonly number[],
  elements: StoredArray,
): SafetensorsTensor => ({
  dtype,
  shape,
  data: new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength),
});
