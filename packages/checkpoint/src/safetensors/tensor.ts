import type { SafetensorsDType } from './dtype.js';
import { itemSize } from './dtype.js';

/** One stored tensor: element type, shape, and its little-endian bytes in row-major order. */
export type SafetensorsTensor = {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  /** A view into the file's bytes: it may begin at any offset, so read it through `typedData` or `toFloat32`. */
  readonly data: Uint8Array;
};

/** Content of a safetensors file: tensors by name, and the free-text `__metadata__`. */
export type Safetensors = {
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly metadata: Readonly<Record<string, string>>;
};

/** Bytes that a shape of this dtype takes; `undefined` above 2^53, where numbers stop being exact. */
export const byteSize = (dtype: SafetensorsDType, shape: readonly number[]): number | undefined => {
  let size = itemSize(dtype);
  for (const dim of shape) {
    size *= dim;
    if (!Number.isSafeInteger(size)) return undefined;
  }
  return size;
};

/** Whether a dimension or offset is an exact count: an integer in [0, 2^53). */
export const isCount = (n: unknown): n is number =>
  typeof n === 'number' && Number.isSafeInteger(n) && n >= 0 && !Object.is(n, -0);
