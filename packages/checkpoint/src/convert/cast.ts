import * as E from 'fp-ts/lib/Either.js';
import type { SafetensorsDType } from '../safetensors/dtype.js';
import type { SafetensorsError } from '../safetensors/error.js';
import { toFloat32, typedData } from '../safetensors/views.js';

/** Element types that a conversion may write. */
export type FloatDType = 'F32' | 'BF16';

/** Elements in another dtype, and what the change cost. */
export type Cast = {
  readonly data: Uint8Array;
  /** Elements whose value is another one now. */
  readonly rounded: number;
};

const bytesOf = (array: Float32Array | Uint16Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

// Nearest, ties to even; a NaN keeps its sign and stays one whatever its lower bits were.
const roundBits = (bits: number): number =>
  (bits & 0x7fffffff) > 0x7f800000 ? (bits >>> 16) | 0x40 : ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;

const toBfloat16 = (floats: Float32Array): Cast => {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const out = new Uint16Array(floats.length);
  let rounded = 0;
  for (let i = 0; i < out.length; i += 1) {
    const pattern = bits[i] ?? 0;
    out[i] = roundBits(pattern);
    if ((pattern & 0xffff) !== 0) rounded += 1;
  }
  return { data: bytesOf(out), rounded };
};

const narrowed = (data: Uint8Array): Cast => {
  const wide = typedData({ dtype: 'F64', shape: [], data });
  const out = Float32Array.from(wide, Number);
  let rounded = 0;
  for (let i = 0; i < out.length; i += 1) if (!Object.is(out[i], wide[i])) rounded += 1;
  return { data: bytesOf(out), rounded };
};

/**
 * Elements in another float type: to bf16 rounded to nearest, ties to even; to f32 exactly, except from f64.
 *
 * @param data - little-endian bytes of whole elements of `from`.
 * @errors `WrongDType` from integers and booleans, and from f64 to bf16, which would round twice.
 * @law f32 → bf16 → f32 → bf16 rounds only once; bf16 → f32 → bf16 changes nothing.
 */
export const castElements = (
  from: SafetensorsDType,
  to: FloatDType,
  data: Uint8Array,
): E.Either<SafetensorsError, Cast> => {
  if (from === to) return E.right({ data, rounded: 0 });
  if (from === 'F64' && to === 'F32') return E.right(narrowed(data));
  const floats = toFloat32({ dtype: from, shape: [], data });
  if (E.isLeft(floats)) return floats;
  return E.right(to === 'BF16' ? toBfloat16(floats.right) : { data: bytesOf(floats.right), rounded: 0 });
};
