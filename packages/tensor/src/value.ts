import * as E from 'fp-ts/lib/Either.js';
import { type DType, entry, type Shape, showType, sizeOf, TensorType } from './type.js';

/** The array that holds the elements of a dtype on the host: bf16 and f16 are kept as their 16-bit patterns. */
export type HostArrays = {
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly bool: Uint8Array;
  readonly bf16: Uint16Array;
  readonly f16: Uint16Array;
};

/** Any host array. */
export type HostArray = HostArrays[DType];

/** A value was given whose data does not fit its type. */
export type ValueError = {
  readonly _tag: 'ValueError';
  readonly type: TensorType;
  readonly reason: string;
};

/** A tensor on the host: a type and its elements in row-major order. Not copied: the caller must not change the data. */
export class TensorValue {
  readonly type: TensorType;
  readonly data: HostArray;

  constructor(type: TensorType, data: HostArray) {
    this.type = type;
    this.data = data;
  }
}

const constructors = {
  f32: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  u32: Uint32Array,
  bool: Uint8Array,
  bf16: Uint16Array,
  f16: Uint16Array,
} as const;

/** A zero-filled host array for a dtype. */
export const hostArray = (dtype: DType, size: number): HostArray => new constructors[dtype](size);

/** Whether an array is the one that a dtype is held in. */
const holds = (dtype: DType, data: HostArray): boolean => data instanceof constructors[dtype];

/**
 * A tensor value, checked.
 *
 * @errors `ValueError` when the array is of another kind than the dtype's or has another length than the shape says.
 */
export const tensorValue = (dtype: DType, shape: Shape, data: HostArray): E.Either<ValueError, TensorValue> => {
  const type = new TensorType(dtype, shape);
  const refuse = (reason: string): E.Either<ValueError, never> => E.left({ _tag: 'ValueError', type, reason });
  if (!holds(dtype, data)) return refuse(`expected a ${constructors[dtype].name}, got a ${data.constructor.name}`);
  if (data.length !== sizeOf(shape)) return refuse(`expected ${sizeOf(shape)} elements, got ${data.length}`);
  return E.right(new TensorValue(type, data));
};

/** A sentence that names the type, what was expected and what was given. */
export const showValueError = (error: ValueError): string => `${showType(error.type)}: ${error.reason}`;

const floatBits = new DataView(new ArrayBuffer(4));

const bitsOf = (x: number): number => {
  floatBits.setFloat32(0, x);
  return floatBits.getUint32(0);
};

const floatOf = (bits: number): number => {
  floatBits.setUint32(0, bits);
  return floatBits.getFloat32(0);
};

/** The bf16 pattern nearest to a number, ties to even; NaN stays NaN. */
const toBfloat16Bits = (x: number): number => {
  if (Number.isNaN(x)) return 0x7fc0;
  const bits = bitsOf(x);
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
};

/** The number that a bf16 pattern stands for. */
const fromBfloat16Bits = (bits: number): number => floatOf(((bits & 0xffff) << 16) >>> 0);

/** The f16 pattern nearest to a number, ties to even; values beyond the range become infinite, NaN stays NaN. */
const toFloat16Bits = (x: number): number => {
  if (Number.isNaN(x)) return 0x7e00;
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(x);
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundHalfEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  const adjusted =
    magnitude / 2 ** exponent >= 2 ? exponent + 1 : magnitude / 2 ** exponent < 1 ? exponent - 1 : exponent;
  const mantissa = roundHalfEven((magnitude / 2 ** adjusted - 1) * 1024);
  return sign | (((adjusted + 15) << 10) + mantissa);
};

/** The number that an f16 pattern stands for. */
const fromFloat16Bits = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
};

/** The nearest integer, ties to even; what rounds to zero keeps its sign, as in IEEE 754. */
export const roundHalfEven = (x: number): number => {
  const floor = Math.floor(x);
  const difference = x - floor;
  const down = difference === 0.5 ? floor % 2 === 0 : difference < 0.5;
  if (down) return floor;
  return floor === -1 ? -0 : floor + 1;
};

/** The number nearest to `x` that a dtype holds: what storing it there and reading it back gives. */
export const roundTo = (dtype: DType, x: number): number => {
  switch (dtype) {
    case 'f32':
      return Math.fround(x);
    case 'bf16':
      return fromBfloat16Bits(toBfloat16Bits(x));
    case 'f16':
      return fromFloat16Bits(toFloat16Bits(x));
    default:
      return x;
  }
};

/** The elements of a value as float64 numbers. */
export const toFloat64 = (value: TensorValue): Float64Array => {
  const { data, type } = value;
  if (type.dtype === 'bf16') return Float64Array.from(data, fromBfloat16Bits);
  if (type.dtype === 'f16') return Float64Array.from(data, fromFloat16Bits);
  return Float64Array.from(data);
};

/** A value of a type from float64 numbers, each rounded to the dtype. */
export const fromFloat64 = (type: TensorType, numbers: ArrayLike<number>): TensorValue => {
  const data = hostArray(type.dtype, numbers.length);
  const encode =
    type.dtype === 'bf16' ? toBfloat16Bits : type.dtype === 'f16' ? toFloat16Bits : (x: number): number => x;
  for (let i = 0; i < data.length; i++) data[i] = encode(entry(numbers, i));
  return new TensorValue(type, data);
};
