import type { Buffer } from '@torsor/backend';
import {
  type CheckpointError,
  latestCheckpoint,
  loadCheckpoint,
  pruneCheckpoints,
  saveCheckpoint,
  showCheckpointError,
} from '@torsor/checkpoint';
import type { TensorType } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { backendFailure, checkpointFailure, type Failure, runFailure } from '../failure.js';
import { runPaths } from '../run/layout.js';
import { truncateMetrics } from '../run/metrics-file.js';
import type { HostState } from './host-state.js';
import { manifestOf, type RunIdentity } from './identity.js';
import type { Placed } from './placed.js';
import type { PolicyState } from './programs.js';
import { architectureOf, checkpointContents, type SavedState, savedState } from './saved-state.js';
import { hostedState } from './session.js';

const onDisk = <A>(task: TE.TaskEither<CheckpointError, A>): TE.TaskEither<Failure, A> =>
  pipe(task, TE.mapLeft(checkpointFailure));

/** Makes a checkpoint of a run durable, then removes those that are no longer kept. */
export const saveState =
  ({ backend }: Placed, run: RunIdentity) =>
  (state: PolicyState<Buffer>, host: HostState): TE.TaskEither<Failure, void> => {
    const { out, keepLast, keepPeriod } = run.config;
    return pipe(
      hostedState(backend, state),
      TE.mapLeft(backendFailure),
      TE.flatMap((hosted) =>
        onDisk(TE.fromEither(checkpointContents({ ...hosted, host }, manifestOf(run, host), run.fast))),
      ),
      TE.flatMap((contents) => onDisk(saveCheckpoint(out, contents))),
      TE.flatMap(() =>
        onDisk(pruneCheckpoints(out, { keep: keepLast, ...(keepPeriod === null ? {} : { keepPeriod }) })),
      ),
      TE.map(() => undefined),
    );
  };

/** A state to go on from, and what was noticed on the way to it. */
export type Resumed = { readonly saved: SavedState; readonly messages: readonly string[] };

/**
 * The newest whole checkpoint of a run; lines of metrics after it are dropped, for they will be made again.
 *
 * @param params - the types that a run keeps its parameters in.
 * @errors damaged or missing checkpoints, another architecture, other statistics.
 */
export const resumeState = (run: RunIdentity, params: Tree<TensorType>): TE.TaskEither<Failure, Resumed> => {
  const { out } = run.config;
  const expected = { architecture: architectureOf(params), normalization: run.normalization };
  return pipe(
    TE.Do,
    TE.bind('latest', () => onDisk(latestCheckpoint(out))),
    TE.bind('loaded', ({ latest }) => onDisk(loadCheckpoint(latest.path, expected))),
    TE.bind('saved', ({ latest, loaded }) => onDisk(TE.fromEither(savedState(latest.path, loaded)))),
    TE.bind('dropped', ({ saved }) =>
      pipe(truncateMetrics(runPaths(out).metrics, saved.host.step), TE.mapLeft(runFailure)),
    ),
    TE.map(({ latest, saved, dropped }) => ({
      saved,
      messages: [
        ...latest.skipped.map((error) => `passed over a damaged checkpoint: ${showCheckpointError(error)}`),
        `resumed from step ${saved.host.step} (${latest.path})`,
        ...(dropped === 0 ? [] : [`dropped ${dropped} lines of metrics after it; they will be made again`]),
      ],
    })),
  );
};
