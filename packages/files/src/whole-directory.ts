import { basename, dirname, join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FileError } from './error.js';
import type { FileSystem } from './file-system.js';

/** Where a directory is made, and what becomes of one that is there. */
export type WholeDirectory = {
  readonly path: string;
  /** Name beside `path` under which it is filled, `.<name>.tmp` unless given; what an interruption left there is removed. */
  readonly temporary?: string;
  /** What to do when `path` is there: refuse, which is the default, or put the new directory in its place. */
  readonly existing?: 'refuse' | 'replace';
};

type Effect<A> = TE.TaskEither<FileError, A>;

const inOrder = (effects: readonly Effect<unknown>[]): Effect<void> =>
  pipe(
    TE.sequenceSeqArray(effects),
    TE.map(() => undefined),
  );

// What a link leads to is not part of the directory; its name is.
const syncBelow = (fs: FileSystem, directory: string): Effect<void> =>
  pipe(
    fs.list(directory),
    TE.flatMap((entries) =>
      inOrder(
        (entries ?? []).flatMap(({ name, isDirectory, isLink }) => {
          const path = join(directory, name);
          if (isLink) return [];
          return [isDirectory ? syncBelow(fs, path) : fs.sync(path)];
        }),
      ),
    ),
    TE.flatMap(() => fs.sync(directory)),
  );

// The first error is the one to report; what a failed clean-up leaves is removed by the next attempt.
const after = <X, A>(undo: Effect<unknown>, error: X): TE.TaskEither<X, A> =>
  pipe(
    undo,
    TE.matchE(
      () => TE.left(error),
      () => TE.left(error),
    ),
  );

const olderName = (temporary: string): string => `${temporary}.old`;

// The older one is renamed before it is removed: a removal cut short must not leave half of it under its own name.
const replace = (fs: FileSystem, path: string, temporary: string): Effect<void> => {
  const older = olderName(temporary);
  return inOrder([
    fs.rename(path, older),
    pipe(
      fs.rename(temporary, path),
      TE.orElse((error) => after<FileError, void>(fs.rename(older, path), error)),
    ),
    fs.sync(dirname(path)),
    fs.remove(older),
  ]);
};

const publish = (fs: FileSystem, path: string, temporary: string, there: boolean): Effect<void> =>
  pipe(
    syncBelow(fs, temporary),
    TE.flatMap(() =>
      there ? replace(fs, path, temporary) : inOrder([fs.rename(temporary, path), fs.sync(dirname(path))]),
    ),
  );

const isThere = (fs: FileSystem, path: string): Effect<boolean> =>
  pipe(
    fs.list(dirname(path)),
    TE.map((entries) => (entries ?? []).some(({ name }) => name === basename(path))),
  );

/**
 * A directory that is there whole or not at all: filled under a temporary name beside it, every file and directory in it synced, then
 * renamed.
 *
 * @param fill - writes into the directory that it is given.
 * @returns what `fill` returned, once the directory is durable.
 * @errors `AlreadyExists`, `CannotWrite`, `CannotRead`, those of `fill`; nothing is left behind.
 * @law interrupted at any point, by the process or by the power, a directory that can be seen is whole.
 */
export const wholeDirectory =
  (fs: FileSystem, { path, temporary = join(dirname(path), `.${basename(path)}.tmp`), existing }: WholeDirectory) =>
  <X, A>(fill: (directory: string) => TE.TaskEither<X, A>): TE.TaskEither<FileError | X, A> =>
    pipe(
      fs.makeDirectory(dirname(path)),
      TE.flatMap(() => isThere(fs, path)),
      TE.filterOrElse(
        (there) => !there || existing === 'replace',
        (): FileError | X => ({ _tag: 'AlreadyExists', path }),
      ),
      TE.flatMap((there) =>
        pipe(
          inOrder([fs.remove(temporary), fs.remove(olderName(temporary)), fs.makeDirectory(temporary)]),
          TE.flatMap((): TE.TaskEither<FileError | X, A> => fill(temporary)),
          TE.tap(() => publish(fs, path, temporary, there)),
          TE.orElse((error) => after<FileError | X, A>(fs.remove(temporary), error)),
        ),
      ),
    );
