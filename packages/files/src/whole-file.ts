import { dirname } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FileError } from './error.js';
import type { FileSystem } from './file-system.js';

/**
 * Writes a file whole or not at all, in the place of one that is there: a temporary name beside it, fsync, rename, fsync of the
 * directory, which is made if absent.
 *
 * @param temporary - name beside `path` to write under; another for each process that may write at once.
 * @errors `CannotWrite`; the older file is then untouched.
 * @law interrupted at any point, by the process or by the power, a reader sees the older content or the new one.
 */
export const wholeFile =
  (fs: FileSystem, path: string, temporary: string = `${path}.tmp`) =>
  (content: string | Uint8Array): TE.TaskEither<FileError, void> =>
  async () => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const written = await pipe(
      fs.makeDirectory(dirname(path)),
      TE.flatMap(() => fs.remove(temporary)),
      TE.flatMap(() => fs.write(temporary, (put) => put(bytes))),
      TE.flatMap(() => fs.sync(temporary)),
      TE.flatMap(() => fs.rename(temporary, path)),
      TE.flatMap(() => fs.sync(dirname(path))),
    )();
    if (E.isLeft(written)) await fs.remove(temporary)();
    return written;
  };
