import * as E from 'fp-ts/lib/Either.js';
import type { SafetensorsDType } from './dtype.js';
import { alignmentRank } from './dtype.js';
import type { SafetensorsError } from './error.js';
import { isWellFormed, metadataKey, tensorName } from './name.js';
import type { Safetensors } from './tensor.js';
import { byteSize, isCount } from './tensor.js';

/** A tensor before its bytes are there: all that the header says of it. */
export type DeclaredTensor = {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
};

/** A file's beginning, and the tensors in the order in which their bytes follow. */
export type DeclaredFile<T extends DeclaredTensor> = {
  /** Length, header and padding. */
  readonly header: Uint8Array;
  readonly tensors: readonly (T & { readonly bytes: number })[];
};

const lengthBytes = 8;
const space = 0x20;

const codePoints = (text: string): readonly number[] => Array.from(text, (c) => c.codePointAt(0) ?? 0);

// UTF-8 bytes compare like code points, and UTF-16 code units do not.
const compareCodePoints = (a: string, b: string): number => {
  const [x, y] = [codePoints(a), codePoints(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i += 1) {
    const order = (x[i] ?? 0) - (y[i] ?? 0);
    if (order !== 0) return order;
  }
  return x.length - y.length;
};

const officialOrder = (a: DeclaredTensor, b: DeclaredTensor): number =>
  alignmentRank(b.dtype) - alignmentRank(a.dtype) || compareCodePoints(a.name, b.name);

const sized = <T extends DeclaredTensor>(tensor: T): E.Either<SafetensorsError, T & { readonly bytes: number }> => {
  const { name, dtype, shape } = tensor;
  const valid = tensorName(name);
  if (E.isLeft(valid)) return valid;
  const bytes = shape.every(isCount) ? byteSize(dtype, shape) : undefined;
  return bytes === undefined
    ? E.left({ _tag: 'BadEntry', name, field: 'shape', expected: 'integers from 0, below 2^53 bytes in all' })
    : E.right({ ...tensor, bytes });
};

const headerBytes = (
  tensors: readonly (DeclaredTensor & { readonly bytes: number })[],
  metadata: Safetensors['metadata'],
): Uint8Array => {
  const entries: [string, unknown][] = Object.keys(metadata).length === 0 ? [] : [[metadataKey, metadata]];
  let offset = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    entries.push([name, { dtype, shape, data_offsets: [offset, offset + bytes] }]);
    offset += bytes;
  }
  // Written field by field: an object would move names that look like integers to the front.
  const json = `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const text = new TextEncoder().encode(json);
  const padded = Math.ceil(text.byteLength / 8) * 8;
  const header = new Uint8Array(lengthBytes + padded).fill(space, lengthBytes + text.byteLength);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(text, lengthBytes);
  return header;
};

/**
 * The beginning of a safetensors file, laid out as the official writer does: tensors from the widest dtype to the narrowest and by name
 * within one, header padded with spaces to a multiple of 8 bytes, so that every tensor is aligned to its item size.
 *
 * @errors `BadName` (empty, `__metadata__`, half of a surrogate pair), `BadEntry` (shape or metadata), `DuplicateKey`.
 */
export const declareFile = <T extends DeclaredTensor>(
  declared: readonly T[],
  metadata: Safetensors['metadata'],
): E.Either<SafetensorsError, DeclaredFile<T>> => {
  for (const [key, text] of Object.entries(metadata)) {
    if (!isWellFormed(key + text))
      return E.left({ _tag: 'BadEntry', name: metadataKey, field: key, expected: 'a UTF-8 string' });
  }
  const tensors: (T & { readonly bytes: number })[] = [];
  const names = new Set<string>();
  for (const tensor of declared) {
    const whole = sized(tensor);
    if (E.isLeft(whole)) return whole;
    if (names.has(tensor.name)) return E.left({ _tag: 'DuplicateKey', key: tensor.name });
    names.add(tensor.name);
    tensors.push(whole.right);
  }
  tensors.sort(officialOrder);
  return E.right({ header: headerBytes(tensors, metadata), tensors });
};
