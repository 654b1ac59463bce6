import * as E from 'fp-ts/lib/Either.js';
import { decompress } from 'fzstd';
import { crc32c } from './crc32c.js';
import { Cursor } from './cursor.js';

/** What begins each kind of file or node. */
export const magic = { manifest: 0x0cdb3a2a, node: 0x0cdb20de } as const;

const checksumBytes = 4;

const inflated = (body: Uint8Array): E.Either<string, Uint8Array> =>
  E.tryCatch(
    () => decompress(body),
    () => 'its zstd data are damaged',
  );

/**
 * The body of a manifest or of a node of the tree, its checksum compared and its compression undone.
 *
 * @returns or why it cannot be read.
 * @source TensorStore `kvstore/ocdbt/index.rst` "Storage format" (bc4fbc11)
 */
export const openEnvelope = (kind: keyof typeof magic, bytes: Uint8Array): E.Either<string, Uint8Array> => {
  const cursor = new Cursor(bytes);
  const begin = cursor.uint32BigEndian();
  const length = cursor.uint64();
  const version = cursor.varint();
  const compression = cursor.varint();
  if (cursor.ended || begin !== magic[kind]) return E.left(`it does not begin as a ${kind} does`);
  if (version !== 0 || compression > 1) return E.left(`it has version ${version} and compression ${compression}`);
  if (length !== bytes.length || cursor.left < checksumBytes)
    return E.left(`it has ${bytes.length} bytes and says ${length}`);
  const body = cursor.take(cursor.left - checksumBytes);
  const expected = cursor.take(checksumBytes).reduceRight((value, byte) => value * 256 + byte, 0);
  if (crc32c(bytes.subarray(0, -checksumBytes)) !== expected) return E.left('its checksum is another: a byte changed');
  return compression === 0 ? E.right(body) : inflated(body);
};
