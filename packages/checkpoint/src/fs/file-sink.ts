import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import type { FileRecord } from '../manifest.js';
import { cannotWrite } from './system-error.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

/** A file being written from its beginning to its end. */
export type FileSink = {
  readonly write: (bytes: Uint8Array) => Result<void>;
};

const writeAll = async (file: FileHandle, bytes: Uint8Array): Promise<void> => {
  let done = 0;
  while (done < bytes.byteLength) done += (await file.write(bytes, done, bytes.byteLength - done)).bytesWritten;
};

const sinkTo = (path: string, file: FileHandle, hash: Hash, count: { bytes: number }): FileSink => ({
  write: async (bytes) => {
    try {
      await writeAll(file, bytes);
    } catch (cause) {
      return E.left(cannotWrite(path)(cause));
    }
    hash.update(bytes);
    count.bytes += bytes.byteLength;
    return E.right(undefined);
  },
});

/**
 * Writes a new file piece by piece and waits until it is on the disk.
 *
 * @returns its size and SHA-256, taken while it was written.
 * @errors `CannotWrite`, those of `fill`.
 */
export const writeInPieces = async (path: string, fill: (sink: FileSink) => Result<void>): Result<FileRecord> => {
  try {
    const file = await open(path, 'wx');
    try {
      const [hash, count] = [createHash('sha256'), { bytes: 0 }];
      const filled = await fill(sinkTo(path, file, hash, count));
      if (E.isLeft(filled)) return filled;
      await file.sync();
      return E.right({ bytes: count.bytes, sha256: hash.digest('hex') });
    } finally {
      await file.close();
    }
  } catch (cause) {
    return E.left(cannotWrite(path)(cause));
  }
};
