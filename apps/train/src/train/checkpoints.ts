import type { Buffer } from '@torsor/backend';
import {
  type CheckpointError,
  type OpenCheckpoint,
  pruneCheckpoints,
  saveCheckpoint,
  showCheckpointError,
  withLatestCheckpoint,
} from '@torsor/checkpoint';
import type { TensorType } from '@torsor/tensor';
import { isNode, leaves, type Tree, type TreeNode } from '@torsor/tree';
import { flow, pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { backendFailure, checkpointFailure, type Failure, runFailure } from '../failure.js';
import { runPaths } from '../run/layout.js';
import { truncateMetrics } from '../run/metrics-file.js';
import type { HostState } from './host-state.js';
import { manifestOf, type RunIdentity } from './identity.js';
import type { Placed } from './placed.js';
import type { PolicyState } from './programs.js';
import { architectureOf, checkpointContents, restoredOnDevice, type StateOnDevice } from './saved-state.js';

type Effect<A> = TE.TaskEither<Failure, A>;

const onDisk = <A>(task: TE.TaskEither<CheckpointError | Failure, A>): Effect<A> =>
  pipe(
    task,
    TE.mapLeft((error) => ('_tag' in error ? checkpointFailure(error) : error)),
  );

/** The parts of a state that have leaves: no averages are kept without averaging, no state by an optimizer without one. */
const withoutEmpty = (parts: TreeNode<Buffer>): TreeNode<Buffer> =>
  Object.fromEntries(Object.entries(parts).filter(([, part]) => leaves(part).length > 0));

const stateOnDevice = ({ params, ema, optimizer }: PolicyState<Buffer>, host: HostState): StateOnDevice => ({
  params,
  others: withoutEmpty({ ema, optimizer }),
  host,
});

/** Makes a checkpoint of a run durable, then removes those that are no longer kept. */
export const saveState =
  ({ backend }: Placed, run: RunIdentity) =>
  (state: PolicyState<Buffer>, host: HostState): Effect<void> => {
    const { out, keepLast, keepPeriod } = run.config;
    const get = flow(backend.get, TE.mapLeft(backendFailure));
    return pipe(
      TE.fromEither(checkpointContents(get, stateOnDevice(state, host), manifestOf(run, host), run.fast)),
      TE.flatMap((contents) => saveCheckpoint(out, contents)),
      TE.flatMap(() => pruneCheckpoints(out, { keep: keepLast, ...(keepPeriod === null ? {} : { keepPeriod }) })),
      TE.map(() => undefined),
      onDisk,
    );
  };

const nodeAt = (tree: Tree<Buffer>, key: string): TreeNode<Buffer> => {
  const below = isNode(tree) ? tree[key] : undefined;
  return below !== undefined && isNode(below) ? below : {};
};

/** A state on the device, and its part on the host. */
export type Restored = { readonly device: PolicyState<Buffer>; readonly host: HostState };

/** The state of a checkpoint on the device, whatever devices it was saved from; the host holds one tensor of it at a time. */
export const restoredState = ({ backend, specOf }: Placed, checkpoint: OpenCheckpoint): Effect<Restored> =>
  pipe(
    restoredOnDevice(
      (value, path) => pipe(backend.put(value, specOf(path, value.type)), TE.mapLeft(backendFailure)),
      checkpoint,
    ),
    TE.map(({ params, others, host }) => ({
      device: { params, ema: nodeAt(others, 'ema'), optimizer: nodeAt(others, 'optimizer') },
      host,
    })),
    onDisk,
  );

/** A state to go on from, and what was noticed on the way to it. */
export type Resumed = Restored & { readonly messages: readonly string[] };

/**
 * The newest whole checkpoint of a run; lines of metrics after it are dropped, for they will be made again.
 *
 * @param params - the types that a run keeps its parameters in.
 * @errors damaged or missing checkpoints, another architecture, other statistics.
 */
export const resumeState = (placed: Placed, run: RunIdentity, params: Tree<TensorType>): Effect<Resumed> => {
  const { out } = run.config;
  const expected = { architecture: architectureOf(params), normalization: run.normalization };
  return pipe(
    withLatestCheckpoint(
      out,
      expected,
    )((checkpoint, latest) =>
      pipe(
        restoredState(placed, checkpoint),
        TE.map((restored) => ({ ...restored, latest })),
      ),
    ),
    onDisk,
    TE.bind('dropped', ({ host }) => pipe(truncateMetrics(runPaths(out).metrics, host.step), TE.mapLeft(runFailure))),
    TE.map(({ device, host, latest, dropped }) => ({
      device,
      host,
      messages: [
        ...latest.skipped.map((error) => `passed over a damaged checkpoint: ${showCheckpointError(error)}`),
        `resumed from step ${host.step} (${latest.path})`,
        ...(dropped === 0 ? [] : [`dropped ${dropped} lines of metrics after it; they will be made again`]),
      ],
    })),
  );
};
