import { readdir, readFile, stat } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { DataError } from '../error.js';

const codeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;

const isAbsent = (thrown: unknown): boolean => codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'ENOTDIR';

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Bytes of a file; `absent` says what a file that does not exist means. */
export const readBytes = (path: string, absent: DataError): TE.TaskEither<DataError, Uint8Array<ArrayBuffer>> =>
  TE.tryCatch(
    () => readFile(path).then((read) => new Uint8Array(read.buffer, read.byteOffset, read.byteLength)),
    (thrown): DataError =>
      isAbsent(thrown) ? absent : { _tag: 'UnreadableFile', file: path, cause: messageOf(thrown) },
  );

/** Text of a file. */
export const readText = (path: string, absent: DataError): TE.TaskEither<DataError, string> =>
  TE.tryCatch(
    () => readFile(path, 'utf8'),
    (thrown): DataError =>
      isAbsent(thrown) ? absent : { _tag: 'UnreadableFile', file: path, cause: messageOf(thrown) },
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
