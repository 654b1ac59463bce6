import * as E from 'fp-ts/lib/Either.js';
import { alignmentRank } from './dtype.js';
import type { SafetensorsError } from './error.js';
import { isWellFormed, METADATA_KEY, tensorName } from './name.js';
import type { Safetensors, SafetensorsTensor } from './tensor.js';
import { byteSize, isCount } from './tensor.js';

type Named = readonly [name: string, tensor: SafetensorsTensor];

const LENGTH_BYTES = 8;
const SPACE = 0x20;

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

const officialOrder = ([a, x]: Named, [b, y]: Named): number =>
  alignmentRank(y.dtype) - alignmentRank(x.dtype) || compareCodePoints(a, b);

const refusal = ([name, { dtype, shape, data }]: Named): SafetensorsError | undefined => {
  const valid = tensorName(name);
  if (E.isLeft(valid)) return valid.left;
  const size = shape.every(isCount) ? byteSize(dtype, shape) : undefined;
  if (size === undefined)
    return { _tag: 'BadEntry', name, field: 'shape', expected: 'integers from 0, below 2^53 bytes in all' };
  return size === data.byteLength ? undefined : { _tag: 'SizeMismatch', name, expected: size, actual: data.byteLength };
};

const headerBytes = (tensors: readonly Named[], metadata: Safetensors['metadata']): Uint8Array => {
  const entries: [string, unknown][] = Object.keys(metadata).length === 0 ? [] : [[METADATA_KEY, metadata]];
  let offset = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    entries.push([name, { dtype, shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  // Written field by field: an object would move names that look like integers to the front.
  const json = `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const text = new TextEncoder().encode(json);
  const padded = new Uint8Array(Math.ceil(text.byteLength / 8) * 8).fill(SPACE);
  padded.set(text);
  return padded;
};

/**
 * The bytes of a safetensors file, laid out as the official writer does: tensors from the widest dtype to the narrowest and by
 * name within one, header padded with spaces to a multiple of 8 bytes, so that every tensor is aligned to its item size.
 *
 * @errors `BadName` (empty, `__metadata__`, half of a surrogate pair), `BadEntry` (shape or metadata), `SizeMismatch`.
 * @law the order in which tensors were inserted changes no byte.
 */
export const encodeSafetensors = (content: Safetensors): E.Either<SafetensorsError, Uint8Array> => {
  for (const [key, text] of Object.entries(content.metadata)) {
    if (!isWellFormed(key + text))
      return E.left({ _tag: 'BadEntry', name: METADATA_KEY, field: key, expected: 'a UTF-8 string' });
  }
  const tensors = [...content.tensors];
  for (const named of tensors) {
    const error = refusal(named);
    if (error !== undefined) return E.left(error);
  }
  tensors.sort(officialOrder);
  const header = headerBytes(tensors, content.metadata);
  const dataLength = tensors.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
  const file = new Uint8Array(LENGTH_BYTES + header.byteLength + dataLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.byteLength), true);
  file.set(header, LENGTH_BYTES);
  let offset = LENGTH_BYTES + header.byteLength;
  for (const [, { data }] of tensors) {
    file.set(data, offset);
    offset += data.byteLength;
  }
  return E.right(file);
};
