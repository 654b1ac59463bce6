import { basename, dirname, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import type { FileSystem } from './file-system.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

const steps = async (effects: readonly (() => Result<unknown>)[]): Result<void> => {
  for (const effect of effects) {
    const done = await effect();
    if (E.isLeft(done)) return done;
  }
  return E.right(undefined);
};

const filled = async <A>(
  fs: FileSystem,
  [path, temporary]: readonly [string, string],
  fill: (directory: string) => Result<A>,
): Result<A> => {
  const ready = await steps([fs.makeDirectory(dirname(path)), fs.remove(temporary), fs.makeDirectory(temporary)]);
  if (E.isLeft(ready)) return ready;
  const content = await fill(temporary);
  if (E.isLeft(content)) return content;
  const published = await steps([fs.sync(temporary), fs.rename(temporary, path), fs.sync(dirname(path))]);
  return E.isLeft(published) ? published : content;
};

/**
 * A new directory that is there whole or not at all: filled under a temporary name beside it, then renamed.
 *
 * @param fill - writes and syncs every file of the directory that it is given.
 * @errors `AlreadyExists`, `CannotWrite`, those of `fill`; nothing is left behind.
 */
export const wholeDirectory = async <A>(
  fs: FileSystem,
  path: string,
  fill: (directory: string) => Result<A>,
): Result<A> => {
  const there = await fs.list(path)();
  if (E.isLeft(there)) return there;
  if (there.right !== undefined) return E.left({ _tag: 'AlreadyExists', path });
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  const result = await filled(fs, [path, temporary], fill);
  if (E.isLeft(result)) await fs.remove(temporary)();
  return result;
};
