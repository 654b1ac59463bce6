import { readFile } from 'node:fs/promises';
import { type FileError, nodeFileSystem, wholeFile } from '@torsor/files';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { RunError } from './error.js';

const causeOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** Runs a write of `path`; what it rejects with becomes `NotWritable`. */
export const writing = <A>(path: string, write: () => Promise<A>): TE.TaskEither<RunError, A> =>
  TE.tryCatch(write, (cause): RunError => ({ _tag: 'NotWritable', path, cause: causeOf(cause) }));

/** Runs a read of `path`; what it rejects with becomes `NotReadable`. */
export const reading = <A>(path: string, read: () => Promise<A>): TE.TaskEither<RunError, A> =>
  TE.tryCatch(read, (cause): RunError => ({ _tag: 'NotReadable', path, cause: causeOf(cause) }));

const notWritable =
  (path: string) =>
  (error: FileError): RunError => ({
    _tag: 'NotWritable',
    path,
    cause: error._tag === 'AlreadyExists' ? 'it exists' : error.reason,
  });

/** Makes a folder with its parents, durably. */
export const makeFolder = (dir: string): TE.TaskEither<RunError, void> =>
  pipe(nodeFileSystem.makeDirectory(dir), TE.mapLeft(notWritable(dir)));

/** Writes a text file whole or not at all, in the place of one that is there; two processes may do so at once. */
export const writeAtomically = (path: string, text: string): TE.TaskEither<RunError, void> =>
  pipe(wholeFile(nodeFileSystem, path, `${path}.${process.pid}.tmp`)(text), TE.mapLeft(notWritable(path)));

/** The text of a file. */
export const readText = (path: string): TE.TaskEither<RunError, string> => reading(path, () => readFile(path, 'utf8'));
