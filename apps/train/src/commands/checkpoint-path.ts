import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { latestCheckpoint } from '@torsor/checkpoint';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { checkpointFailure, type Failure } from '../failure.js';
import { runEntries } from '../run/layout.js';

const kindOf = async (path: string): Promise<'folder' | 'file' | null> => {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return null;
  }
};

const absent = (path: string): Failure => ({
  exit: 'checkpoint',
  messages: [`there is no ${path}: name the folder of a run, or a checkpoint inside it`],
});

/** The checkpoint that a path names: a run's folder stands for its newest one. */
export const checkpointPath = (given: string): TE.TaskEither<Failure, string> =>
  pipe(
    TE.fromTask<readonly (string | null)[], Failure>(() =>
      Promise.all([given, join(given, runEntries.checkpoints)].map(kindOf)),
    ),
    TE.filterOrElse(
      ([kind]) => kind !== null,
      () => absent(given),
    ),
    TE.flatMap(([, inside]) =>
      inside === 'folder'
        ? pipe(
            latestCheckpoint(given),
            TE.bimap(checkpointFailure, ({ path }) => path),
          )
        : TE.right(given),
    ),
  );
