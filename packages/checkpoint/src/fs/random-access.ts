import { type FileHandle, open } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import { cannotRead } from './system-error.js';

/** A file open for reading at any place. */
export type RandomAccessFile = {
  readonly bytes: number;
  /** Fills `target` with the bytes from `offset` on. */
  readonly read: (offset: number, target: Uint8Array) => Promise<E.Either<CheckpointError, void>>;
  readonly close: () => Promise<void>;
};

// One call to the system moves at most 2 GiB.
const chunk = 2 ** 30;

const fill = async (file: FileHandle, offset: number, target: Uint8Array): Promise<number> => {
  let done = 0;
  while (done < target.byteLength) {
    const length = Math.min(chunk, target.byteLength - done);
    const { bytesRead } = await file.read(target, done, length, offset + done);
    if (bytesRead === 0) return done;
    done += bytesRead;
  }
  return done;
};

const accessTo = (file: FileHandle, path: string, bytes: number): RandomAccessFile => ({
  bytes,
  read: async (offset, target) => {
    try {
      const done = await fill(file, offset, target);
      if (done === target.byteLength) return E.right(undefined);
      return E.left({ _tag: 'SizeDiffers', path, file: path, expected: bytes, actual: offset + done });
    } catch (cause) {
      return E.left(cannotRead(path)(cause));
    }
  },
  close: () => file.close(),
});

/**
 * Opens a file for reading at any place.
 *
 * @errors `CannotRead`; each read also `SizeDiffers` when the file has become shorter.
 */
export const openForReading = async (path: string): Promise<E.Either<CheckpointError, RandomAccessFile>> => {
  try {
    const file = await open(path, 'r');
    return E.right(accessTo(file, path, (await file.stat()).size));
  } catch (cause) {
    return E.left(cannotRead(path)(cause));
  }
};
