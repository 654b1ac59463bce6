import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type * as E from 'fp-ts/lib/Either.js';
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

/** Hexadecimal sha256 of a file, read as a stream. */
export const sha256 = (path: string): InstallTask<string> => {
  return onFiles(path, async () => {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex');
  });
};

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

/**
 * Builds a directory whole or not at all: filled under a temporary name beside it, then renamed into place.
 *
 * @param target - the directory to make; an older one is replaced.
 * @param fill - writes into the directory it is given.
 * @errors those of `fill`, and `FileSystem`.
 */
export const atomicDirectory = <X, A>(
  target: string,
  fill: (directory: string) => TE.TaskEither<X, A>,
): TE.TaskEither<X | InstallError, A> => {
  return async () => {
    const made = await onFiles(target, async () => {
      await mkdir(dirname(target), { recursive: true });
      await removeAbandoned(target);
      return mkdtemp(`${target}.partial-${process.pid}-`);
    })();
    if (made._tag === 'Left') return made;
    const filled = await fill(made.right)();
    const placed: E.Either<X | InstallError, A> =
      filled._tag === 'Left'
        ? filled
        : await onFiles(target, () => replaceDirectory(made.right, target, filled.right))();
    await rm(made.right, { recursive: true, force: true });
    return placed;
  };
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

const replaceDirectory = async <A>(from: string, target: string, result: A): Promise<A> => {
  await rm(target, { recursive: true, force: true });
  await rename(from, target);
  return result;
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
