import { dirname, join } from 'node:path';
import { type FileSystem, nodeFileSystem } from '@torsor/files';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';
import { temporaryName } from '../layout.js';
import type { Retention } from '../retention.js';
import { stepsToPrune } from '../retention.js';
import type { CheckpointPath } from './list.js';
import { listCheckpoints } from './list.js';

// Renamed first: a removal cut short must not leave half a checkpoint under its own name.
const removeWhole = (fs: FileSystem, { step, path }: CheckpointPath): TE.TaskEither<CheckpointError, string> => {
  const temporary = join(dirname(path), temporaryName(step));
  return pipe(
    fs.remove(temporary),
    TE.flatMap(() => fs.rename(path, temporary)),
    TE.flatMap(() => fs.sync(dirname(path))),
    TE.flatMap(() => fs.remove(temporary)),
    TE.map(() => path),
  );
};

/**
 * Removes the checkpoints that a retention policy lets go, oldest first.
 *
 * @returns the paths removed.
 * @errors `BadPolicy`, `CannotRead`, `CannotWrite`.
 */
export const pruneCheckpoints = (
  run: string,
  retention: Retention,
  fs: FileSystem = nodeFileSystem,
): TE.TaskEither<CheckpointError, readonly string[]> =>
  pipe(
    TE.Do,
    TE.bind('list', () => listCheckpoints(run, fs)),
    TE.bind('steps', ({ list }) =>
      TE.fromEither(
        stepsToPrune(
          list.checkpoints.map(({ step }) => step),
          retention,
        ),
      ),
    ),
    TE.flatMap(({ list, steps }) =>
      TE.traverseSeqArray((checkpoint: CheckpointPath) => removeWhole(fs, checkpoint))(
        list.checkpoints.filter(({ step }) => steps.includes(step)),
      ),
    ),
  );
