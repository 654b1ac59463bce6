import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type FileError, nodeFileSystem, sha256OfFile, wholeDirectory } from '@torsor/files';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type InstallError, type InstallTask, messageOf } from './error.js';

/**
 * Lifts a promise of the file system.
 *
 * @param path - the path an error names.
 * @param work - the effect.
 * @errors `FileSystem`.
 */
export const onFiles = <A>(path: string, work: () => Promise<A>): InstallTask<A> => {
  return TE.tryCatch(work, (cause): InstallError => ({ _tag: 'FileSystem', path, reason: messageOf(cause) }));
};

/** True when the path exists. */
export const exists = async (path: string): Promise<boolean> => {
  return access(path).then(
    () => true,
    () => false,
  );
};

const fileSystemError = (error: FileError): InstallError => ({
  _tag: 'FileSystem',
  path: error.path,
  reason: error._tag === 'AlreadyExists' ? 'it exists' : error.reason,
});

/** Hexadecimal sha256 of a file, read in pieces. */
export const sha256 = (path: string): InstallTask<string> =>
  pipe(sha256OfFile(nodeFileSystem, path), TE.mapLeft(fileSystemError));

/**
 * Refuses a file whose sha256 differs; removes it, so that a second run downloads it again.
 *
 * @param path - the file.
 * @param expected - the pinned hash.
 * @errors `HashMismatch`, `FileSystem`.
 */
export const verifyHash = (path: string, expected: string): InstallTask<string> => {
  return TE.flatMap((actual: string) =>
    actual === expected
      ? TE.right(path)
      : TE.flatMap(() => TE.left<InstallError, string>({ _tag: 'HashMismatch', file: path, expected, actual }))(
          onFiles(path, () => rm(path)),
        ),
  )(sha256(path));
};

/** What a filling refused, apart from what the disk does. */
type NotFilled<X> = { readonly _tag: 'NotFilled'; readonly error: X };

/**
 * Builds a directory whole or not at all: filled under a temporary name beside it, synced, then renamed into place.
 *
 * @param target - the directory to make; an older one is replaced.
 * @param fill - writes into the directory it is given.
 * @errors those of `fill`, and `FileSystem`.
 */
export const atomicDirectory = <X, A>(
  target: string,
  fill: (directory: string) => TE.TaskEither<X, A>,
): TE.TaskEither<X | InstallError, A> => {
  const temporary = `${target}.partial-${process.pid}-${randomUUID()}`;
  const filled = (directory: string): TE.TaskEither<NotFilled<X>, A> =>
    pipe(
      fill(directory),
      TE.mapLeft((error) => ({ _tag: 'NotFilled', error })),
    );
  return pipe(
    nodeFileSystem.makeDirectory(dirname(target)),
    TE.mapLeft(fileSystemError),
    TE.flatMap(() => onFiles(target, () => removeAbandoned(target))),
    TE.flatMap(
      (): TE.TaskEither<X | InstallError, A> =>
        pipe(
          wholeDirectory(nodeFileSystem, { path: target, temporary, existing: 'replace' })(filled),
          TE.mapLeft((error) => (error._tag === 'NotFilled' ? error.error : fileSystemError(error))),
        ),
    ),
  );
};

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    // a process of another user is there, and may not be asked
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
};

/** Removes what processes that were killed have left beside `target`. */
const removeAbandoned = async (target: string): Promise<void> => {
  const prefix = `${basename(target)}.partial-`;
  for (const name of await readdir(dirname(target))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (!isRunning(pid)) await rm(join(dirname(target), name), { recursive: true, force: true });
  }
};

/**
 * Every file below a directory whose name satisfies a test, sorted.
 *
 * @param directory - where to look.
 * @param keep - test of the file's base name.
 */
export const filesBelow = async (directory: string, keep: (name: string) => boolean): Promise<readonly string[]> => {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && keep(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
};

/** Writes a text file, making its directory. */
export const writeText = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
};

/** Content of a text file. */
export const readText = (path: string): Promise<string> => {
  return readFile(path, 'utf8');
};
