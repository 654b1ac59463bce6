import * as E from 'fp-ts/lib/Either.js';
import type { SafetensorsError } from './error.js';
import type { Header, HeaderEntry } from './header.js';
import { parseHeader } from './header.js';
import { byteSize } from './tensor.js';

const headerLimit = 100_000_000;

/** Bytes that hold the header's length. */
export const lengthBytes = 8;

/** A file's tensors by place, every claim of its header checked against the file's size. */
export type FileLayout = {
  /** In the order of their bytes; offsets count from `dataStart`. */
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly dataStart: number;
};

/**
 * Bytes of the header, from the file's first eight bytes and its size.
 *
 * @errors `HeaderTruncated`, `HeaderTooLarge`.
 */
export const headerLength = (prefix: Uint8Array, available: number): E.Either<SafetensorsError, number> => {
  if (available < lengthBytes) return E.left({ _tag: 'HeaderTruncated', needed: lengthBytes, available });
  const length = new DataView(prefix.buffer, prefix.byteOffset, lengthBytes).getBigUint64(0, true);
  if (length > BigInt(headerLimit)) {
    return E.left({ _tag: 'HeaderTooLarge', length: length.toString(), limit: headerLimit });
  }
  const needed = lengthBytes + Number(length);
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
 * Where every tensor of a file lies. Nothing is allocated by a size that the header only claims.
 *
 * @param header - the bytes after the first eight, as many as `headerLength` says.
 * @param available - bytes of the whole file.
 * @errors `HeaderNotJson`, `DuplicateKey`, `BadName`, `BadEntry`, `UnknownDType`, `SizeMismatch`, `BadOffsets`.
 */
export const fileLayout = (header: Uint8Array, available: number): E.Either<SafetensorsError, FileLayout> => {
  const parsed = parseHeader(header);
  if (E.isLeft(parsed)) return parsed;
  const dataStart = lengthBytes + header.byteLength;
  const entries = placed(parsed.right, available - dataStart);
  return E.isLeft(entries) ? entries : E.right({ entries: entries.right, metadata: parsed.right.metadata, dataStart });
};
