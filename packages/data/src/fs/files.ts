import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { DataError } from '../error.js';
import { type ByteSource, sourceOfBytes } from '../parquet/byte-source.js';

const codeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;

const isAbsent = (thrown: unknown): boolean => codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'ENOTDIR';

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** How a Git LFS pointer begins: what a clone has in place of a large file that was not fetched. */
const lfs = new TextEncoder().encode('version https://git-lfs.github.com/spec/');

const isPointer = (bytes: Uint8Array): boolean => lfs.every((byte, i) => bytes[i] === byte);

/**
 * Bytes of a file.
 *
 * @param absent - what it means that the file does not exist.
 * @errors `LfsPointer`; `UnreadableFile`.
 */
export const readBytes = (path: string, absent: DataError): TE.TaskEither<DataError, Uint8Array<ArrayBuffer>> =>
  pipe(
    TE.tryCatch(
      () => readFile(path).then((read) => new Uint8Array(read.buffer, read.byteOffset, read.byteLength)),
      (thrown): DataError =>
        isAbsent(thrown) ? absent : { _tag: 'UnreadableFile', file: path, cause: messageOf(thrown) },
    ),
    TE.filterOrElse(
      (bytes) => !isPointer(bytes),
      (): DataError => ({ _tag: 'LfsPointer', file: path }),
    ),
  );

/** Files up to this size are read at once: one read is quicker than several. */
const wholeBytes = 2 ** 20;

const partsOf = (handle: FileHandle, byteLength: number): ByteSource => ({
  byteLength,
  read: async (start, end) => {
    const bytes = new Uint8Array(end - start);
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
      if (bytesRead === 0) throw new Error(`it ends at byte ${start + at} of ${byteLength}`);
      at += bytesRead;
    }
    return bytes;
  },
});

const sourceOf = async (handle: FileHandle, path: string): Promise<E.Either<DataError, ByteSource>> => {
  const { size } = await handle.stat();
  const parts = partsOf(handle, size);
  if (size > wholeBytes) return E.right(parts);
  const bytes = await parts.read(0, size);
  return isPointer(bytes) ? E.left({ _tag: 'LfsPointer', file: path }) : E.right(sourceOfBytes(bytes));
};

/**
 * Opens a file for as long as it is used, and reads of it what is asked for.
 *
 * @param absent - what it means that the file does not exist.
 * @errors `LfsPointer`; `UnreadableFile`; those of `use`.
 */
export const withSource =
  <A>(
    path: string,
    absent: DataError,
    use: (source: ByteSource) => Promise<E.Either<DataError, A>>,
  ): TE.TaskEither<DataError, A> =>
  async () => {
    const unreadable = (thrown: unknown): E.Either<DataError, never> =>
      E.left(isAbsent(thrown) ? absent : { _tag: 'UnreadableFile', file: path, cause: messageOf(thrown) });
    const opened = await open(path).then(E.right, unreadable);
    if (E.isLeft(opened)) return opened;
    try {
      const source = await sourceOf(opened.right, path);
      return E.isLeft(source) ? source : await use(source.right);
    } catch (thrown) {
      return unreadable(thrown);
    } finally {
      await opened.right.close();
    }
  };

/** Parquet files below a folder at any depth, relative to it, in the order of their names; none where it does not exist. */
export const parquetIn = (dir: string): TE.TaskEither<DataError, readonly string[]> =>
  TE.tryCatch(
    () =>
      readdir(dir, { recursive: true }).then(
        (names) => names.filter((name) => name.endsWith('.parquet')).toSorted(),
        (thrown: unknown) => (isAbsent(thrown) ? [] : Promise.reject(thrown)),
      ),
    (thrown): DataError => ({ _tag: 'UnreadableFile', file: dir, cause: messageOf(thrown) }),
  );

/** Refuses a path that is no directory. */
export const requireDirectory = (dir: string): TE.TaskEither<DataError, void> =>
  pipe(
    TE.tryCatch(
      () => stat(dir),
      (thrown): DataError =>
        isAbsent(thrown)
          ? { _tag: 'MissingDataset', dir }
          : { _tag: 'UnreadableFile', file: dir, cause: messageOf(thrown) },
    ),
    TE.flatMapEither((found) =>
      found.isDirectory() ? E.right(undefined) : E.left<DataError, void>({ _tag: 'MissingDataset', dir }),
    ),
  );

/** Names in a directory; none where it does not exist. */
export const namesIn = (dir: string): TE.TaskEither<DataError, ReadonlySet<string>> =>
  TE.tryCatch(
    () =>
      readdir(dir).then(
        (names) => new Set(names),
        (thrown: unknown) => (isAbsent(thrown) ? new Set<string>() : Promise.reject(thrown)),
      ),
    (thrown): DataError => ({ _tag: 'UnreadableFile', file: dir, cause: messageOf(thrown) }),
  );
