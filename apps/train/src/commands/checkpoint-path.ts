import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { latestCheckpoint } from '@torsor/checkpoint';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { checkpointFailure, type Failure } from '../failure.js';
import { runEntries } from '../run/layout.js';

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
};

/** The checkpoint that a path names: a run's folder stands for its newest one. */
export const checkpointPath = (given: string): TE.TaskEither<Failure, string> =>
  pipe(
    TE.fromTask(() => isFolder(join(given, runEntries.checkpoints))),
    TE.flatMap((isRun) =>
      isRun
        ? pipe(
            latestCheckpoint(given),
            TE.bimap(checkpointFailure, ({ path }) => path),
          )
        : TE.right(given),
    ),
  );
