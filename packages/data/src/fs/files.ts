import { readdir, readFile, stat } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { DataError } from '../error.js';

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
