import type { SafetensorsDType } from '../safetensors/dtype.js';
import { typedData } from '../safetensors/views.js';

// All exponent bits set: an infinity or a NaN. Of f64 the upper half of each element is looked at.
const exponents = { F64: 0x7ff00000, F32: 0x7f800000, BF16: 0x7f80, F16: 0x7c00 } as const;

const isFloat = (dtype: SafetensorsDType): dtype is keyof typeof exponents => Object.hasOwn(exponents, dtype);

const counted = (bits: Uint16Array | Uint32Array, exponent: number, first: number, step: number): number => {
  let count = 0;
  for (let i = first; i < bits.length; i += step) if (((bits[i] ?? 0) & exponent) === exponent) count += 1;
  return count;
};

/**
 * How many elements are infinite or no number.
 *
 * @param data - little-endian bytes of whole elements.
 * @returns 0 for integers, booleans and 8-bit floats.
 */
export const countNonFinite = (dtype: SafetensorsDType, data: Uint8Array): number => {
  if (!isFloat(dtype)) return 0;
  const isHalf = dtype === 'BF16' || dtype === 'F16';
  const bits = typedData({ dtype: isHalf ? 'U16' : 'U32', shape: [], data });
  if (!(bits instanceof Uint16Array || bits instanceof Uint32Array)) return 0;
  return dtype === 'F64' ? counted(bits, exponents.F64, 1, 2) : counted(bits, exponents[dtype], 0, 1);
};
