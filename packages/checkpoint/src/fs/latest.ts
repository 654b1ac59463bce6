import { type FileSystem, nodeFileSystem } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';
import type { Expectations } from '../expectations.js';
import { type CheckpointPath, listCheckpoints } from './list.js';
import { type OpenCheckpoint, withCheckpoint } from './open-checkpoint.js';

/** The newest whole checkpoint, and what was passed over to find it. */
export type LatestCheckpoint = CheckpointPath & {
  /** Why each newer checkpoint was refused, newest first; tell the user before going on from an older one. */
  readonly skipped: readonly CheckpointError[];
  readonly leftovers: readonly string[];
};

// A checkpoint of another model is no damaged one: an older one would be of that model too.
const isMismatch = ({ _tag }: CheckpointError): boolean =>
  _tag === 'ArchitectureMismatch' ||
  _tag === 'StatisticsMismatch' ||
  _tag === 'ConfigMismatch' ||
  _tag === 'VocabularyMismatch';

/** The first checkpoint that can be used, or a mismatch; `undefined` when all are damaged, which `skipped` then says of each. */
const firstWhole = async <X, A>(
  newestFirst: readonly CheckpointPath[],
  open: (place: CheckpointPath) => TE.TaskEither<CheckpointError, E.Either<X, A>>,
  skipped: CheckpointError[],
): Promise<E.Either<CheckpointError | X, A> | undefined> => {
  for (const place of newestFirst) {
    const used = await open(place)();
    if (E.isRight(used)) return used.right;
    if (isMismatch(used.left)) return used;
    skipped.push(used.left);
  }
  return undefined;
};

/**
 * Opens the newest checkpoint of a run whose every hash agrees, as `withCheckpoint` does; damaged newer ones are passed over and
 * reported to `use`.
 *
 * @errors `NoCheckpoint` with the reason for each one refused; `CannotRead`; `ConfigMismatch`, `VocabularyMismatch`,
 * `ArchitectureMismatch` and `StatisticsMismatch` of the newest whole one; those of `use`.
 */
export const withLatestCheckpoint =
  (run: string, expectations: Expectations = {}, fs: FileSystem = nodeFileSystem) =>
  <X, A>(
    use: (checkpoint: OpenCheckpoint, latest: LatestCheckpoint) => TE.TaskEither<X, A>,
  ): TE.TaskEither<CheckpointError | X, A> =>
    pipe(
      listCheckpoints(run, fs),
      TE.flatMap(
        ({ checkpoints, leftovers }): TE.TaskEither<CheckpointError | X, A> =>
          async () => {
            const skipped: CheckpointError[] = [];
            // What `use` refuses is no damage: it stays apart from what opening refuses.
            const open = (place: CheckpointPath): TE.TaskEither<CheckpointError, E.Either<X, A>> =>
              withCheckpoint(
                place.path,
                expectations,
                fs,
              )((checkpoint) => TE.fromTask(use(checkpoint, { ...place, skipped, leftovers })));
            const found = await firstWhole([...checkpoints].reverse(), open, skipped);
            return found ?? E.left({ _tag: 'NoCheckpoint', path: run, skipped });
          },
      ),
    );

/**
 * The newest checkpoint of a run whose every hash agrees; damaged newer ones are passed over and reported.
 *
 * @errors `NoCheckpoint` with the reason for each one refused; `CannotRead`.
 */
export const latestCheckpoint = (
  run: string,
  fs: FileSystem = nodeFileSystem,
): TE.TaskEither<CheckpointError, LatestCheckpoint> =>
  withLatestCheckpoint(run, {}, fs)((_, latest) => TE.right(latest));
