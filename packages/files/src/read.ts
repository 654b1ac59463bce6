import { createHash } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FileError } from './error.js';
import type { FileSystem, OpenFile } from './file-system.js';
import { cannotRead } from './system-error.js';

const pieceBytes = 2 ** 22;

/**
 * Opens a file, lets `use` read any part of it, and closes it.
 *
 * @errors `CannotRead`, those of `use`.
 */
export const withFile =
  (fs: FileSystem, path: string) =>
  <X, A>(use: (file: OpenFile) => TE.TaskEither<X, A>): TE.TaskEither<FileError | X, A> =>
  async () => {
    const file = await fs.open(path)();
    if (E.isLeft(file)) return file;
    try {
      return await use(file.right)();
    } finally {
      await file.right.close();
    }
  };

/**
 * The bytes of a small file.
 *
 * @errors `CannotRead`, also for a file that is larger than a typed array may be.
 */
export const readBytes = (fs: FileSystem, path: string): TE.TaskEither<FileError, Uint8Array> =>
  withFile(
    fs,
    path,
  )((file) =>
    pipe(
      TE.fromEither(E.tryCatch(() => new Uint8Array(file.bytes), cannotRead(path))),
      TE.tap((bytes) => file.read(0, bytes)),
    ),
  );

/** The text of a small file in UTF-8. @errors `CannotRead`. */
export const readText = (fs: FileSystem, path: string): TE.TaskEither<FileError, string> =>
  pipe(
    readBytes(fs, path),
    TE.map((bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)),
  );

/**
 * SHA-256 (hex) of an open file, read in pieces of 4 MiB.
 *
 * @errors `CannotRead`
 */
export const sha256Of =
  (file: OpenFile): TE.TaskEither<FileError, string> =>
  async () => {
    const hash = createHash('sha256');
    const buffer = new Uint8Array(Math.min(pieceBytes, file.bytes));
    for (let at = 0; at < file.bytes; at += pieceBytes) {
      const piece = buffer.subarray(0, Math.min(pieceBytes, file.bytes - at));
      const read = await file.read(at, piece)();
      if (E.isLeft(read)) return read;
      hash.update(piece);
    }
    return E.right(hash.digest('hex'));
  };

/** SHA-256 (hex) of a file, read in pieces. @errors `CannotRead` */
export const sha256OfFile = (fs: FileSystem, path: string): TE.TaskEither<FileError, string> =>
  withFile(fs, path)(sha256Of);
