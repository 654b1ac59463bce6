import * as E from 'fp-ts/lib/Either.js';
import type { SafetensorsError } from './error.js';
import type { Header, HeaderEntry } from './header.js';
import { parseHeader } from './header.js';
import type { Safetensors, SafetensorsTensor } from './tensor.js';
import { byteSize } from './tensor.js';

const HEADER_LIMIT = 100_000_000;
const LENGTH_BYTES = 8;

const headerLength = (bytes: Uint8Array): E.Either<SafetensorsError, number> => {
  const available = bytes.byteLength;
  if (available < LENGTH_BYTES) return E.left({ _tag: 'HeaderTruncated', needed: LENGTH_BYTES, available });
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > BigInt(HEADER_LIMIT)) {
    return E.left({ _tag: 'HeaderTooLarge', length: length.toString(), limit: HEADER_LIMIT });
  }
  const needed = LENGTH_BYTES + Number(length);
  return needed > available ? E.left({ _tag: 'HeaderTruncated', needed, available }) : E.right(Number(length));
};

const byOffset = (a: HeaderEntry, b: HeaderEntry): number => a.begin - b.begin || a.end - b.end;

// Each tensor begins where the one before it ends, so that no byte is shared and none is without an owner.
const placed = (header: Header, dataLength: number): E.Either<SafetensorsError, readonly HeaderEntry[]> => {
  const entries = [...header.entries].sort(byOffset);
  let expected = 0;
  for (const { name, dtype, shape, begin, end } of entries) {
    if (begin !== expected) return E.left({ _tag: 'BadOffsets', name, expected, actual: begin });
    const size = byteSize(dtype, shape);
    if (size === undefined)
      return E.left({ _tag: 'BadEntry', name, field: 'shape', expected: 'below 2^53 bytes in all' });
    if (size !== end - begin) return E.left({ _tag: 'SizeMismatch', name, expected: size, actual: end - begin });
    expected = end;
  }
  return expected === dataLength
    ? E.right(entries)
    : E.left({ _tag: 'BadOffsets', name: 'the end of the last tensor', expected: dataLength, actual: expected });
};

/**
 * Tensors of a safetensors file as views into its bytes: nothing is copied, and nothing is allocated by a size that the file
 * only claims.
 *
 * @param bytes - the whole file.
 * @errors `HeaderTruncated`, `HeaderTooLarge`, `HeaderNotJson`, `DuplicateKey`, `BadName`, `BadEntry`, `UnknownDType`,
 * `SizeMismatch`, `BadOffsets`.
 * @law never throws; `decodeSafetensors(encodeSafetensors(x)) = x`.
 */
export const decodeSafetensors = (bytes: Uint8Array): E.Either<SafetensorsError, Safetensors> => {
  const length = headerLength(bytes);
  if (E.isLeft(length)) return length;
  const start = LENGTH_BYTES + length.right;
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, start));
  if (E.isLeft(header)) return header;
  const entries = placed(header.right, bytes.byteLength - start);
  if (E.isLeft(entries)) return entries;
  const tensors = new Map<string, SafetensorsTensor>();
  for (const { name, dtype, shape, begin, end } of entries.right) {
    tensors.set(name, { dtype, shape, data: bytes.subarray(start + begin, start + end) });
  }
  return E.right({ tensors, metadata: header.right.metadata });
};
