import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { OnExistingRun } from '../cli/command.js';
import type { RunError } from './error.js';
import { makeFolder, reading, writeAtomically, writing } from './files.js';
import { runEntries } from './layout.js';

/** What is to be done with a run's folder. */
export type Admission = 'create' | 'resume' | 'replace';

const missing = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';

/** The names in a folder, none when there is no folder. */
export const entriesOf = (dir: string): TE.TaskEither<RunError, readonly string[]> =>
  reading(dir, async () => {
    try {
      return await readdir(dir);
    } catch (cause) {
      if (missing(cause)) return [];
      throw cause;
    }
  });

/**
 * What to do with a folder that holds `entries`. A folder with a `config.json` holds a run.
 *
 * @errors `ExistingRun` without a word about it, `NoRun` when there is nothing to resume, `ForeignFolder` for files of others.
 */
export const admit = (
  dir: string,
  entries: readonly string[],
  onExistingRun: OnExistingRun,
): E.Either<RunError, Admission> => {
  if (entries.includes(runEntries.config)) {
    if (onExistingRun === 'refuse') return E.left({ _tag: 'ExistingRun', dir });
    return E.right(onExistingRun === 'resume' ? 'resume' : 'replace');
  }
  if (onExistingRun === 'resume') return E.left({ _tag: 'NoRun', dir });
  return entries.length > 0 ? E.left({ _tag: 'ForeignFolder', dir, entries }) : E.right('create');
};

const removeRun = (dir: string): TE.TaskEither<RunError, void> =>
  writing(dir, async () => {
    // config.json last: until then an interrupted removal still is a run, and --overwrite can be repeated.
    const { config, ...others } = runEntries;
    for (const entry of [...Object.values(others), config])
      await rm(join(dir, entry), { recursive: true, force: true });
  });

/** Makes sure that files can be created in `dir`, creating it where it is missing. */
export const checkWritable = (dir: string): TE.TaskEither<RunError, void> => {
  const probe = join(dir, '.torsor-write-test');
  return pipe(
    makeFolder(dir),
    TE.flatMap(() => writeAtomically(probe, '')),
    TE.flatMap(() => writing(probe, () => rm(probe))),
  );
};

/** Makes the folder ready: an old run's own files are removed for `replace`, and only those. */
export const prepareFolder = (dir: string, admission: Admission): TE.TaskEither<RunError, void> =>
  admission === 'replace'
    ? pipe(
        removeRun(dir),
        TE.flatMap(() => checkWritable(dir)),
      )
    : checkWritable(dir);
