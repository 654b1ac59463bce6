import type { BackendError, Buffer } from '@torsor/backend';
import {
  type CheckpointError,
  type OpenCheckpoint,
  pruneCheckpoints,
  saveCheckpoint,
  showCheckpointError,
  withLatestCheckpoint,
} from '@torsor/checkpoint';
import type { Interval } from '@torsor/metrics';
import { allOrNone, backendError, checkpointError, type Placement } from '@torsor/policy';
import type { TensorType } from '@torsor/tensor';
import { isNode, leaves, type Tree, type TreeNode } from '@torsor/tree';
import { flow, pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { HostState } from '../loop/host-state.js';
import type { TrainState } from '../loop/loop.js';
import type { Effect } from '../update/compile.js';
import type { LearnedState } from '../update/program.js';
import { manifestOf, type RunIdentity } from './identity.js';
import { architectureOf, checkpointContents, restoredOnDevice, type StateOnDevice } from './saved-state.js';

/** Where checkpoints lie, and which are kept. */
export type Retention = {
  /** Folder of the run. */
  readonly out: string;
  /** Newest checkpoints kept. */
  readonly keepLast: number;
  /** Checkpoints at multiples of it are kept for ever; `null`: none. */
  readonly keepPeriod: number | null;
};

/** What the device refused while the disk was at work. */
type OnDevice = { readonly _tag: 'OnDevice'; readonly error: BackendError };

const onDevice = (error: BackendError): OnDevice => ({ _tag: 'OnDevice', error });

const together = <A>(task: TE.TaskEither<CheckpointError | OnDevice, A>): Effect<A> =>
  pipe(
    task,
    TE.mapLeft((error) => (error._tag === 'OnDevice' ? backendError(error.error) : checkpointError(error))),
  );

/** The parts of a state that have leaves: no averages are kept without averaging, no state by an optimizer without one. */
const withoutEmpty = (parts: TreeNode<Buffer>): TreeNode<Buffer> =>
  Object.fromEntries(Object.entries(parts).filter(([, part]) => leaves(part).length > 0));

const stateOnDevice = ({ params, ema, optimizer }: LearnedState<Buffer>, host: HostState): StateOnDevice => ({
  params,
  others: withoutEmpty({ ema, optimizer }),
  host,
});

/** Makes a checkpoint of a run durable, then removes those that are no longer kept. */
export const saveState =
  ({ backend }: Placement, run: RunIdentity, { out, keepLast, keepPeriod }: Retention, measures: Interval) =>
  (state: LearnedState<Buffer>, host: HostState): Effect<void> => {
    const get = flow(backend.get, TE.mapLeft(onDevice));
    return pipe(
      TE.fromEither(checkpointContents(get, stateOnDevice(state, host), manifestOf(run, host), run.fast, measures)),
      TE.flatMap((contents) => saveCheckpoint(out, contents)),
      TE.flatMap(() => pruneCheckpoints(out, { keep: keepLast, ...(keepPeriod === null ? {} : { keepPeriod }) })),
      together,
      TE.map(() => undefined),
    );
  };

const nodeAt = (tree: Tree<Buffer>, key: string): TreeNode<Buffer> => {
  const below = isNode(tree) ? tree[key] : undefined;
  return below !== undefined && isNode(below) ? below : {};
};

const restored = (
  placement: Placement,
  checkpoint: OpenCheckpoint,
  measures: Interval,
): TE.TaskEither<CheckpointError | OnDevice, TrainState<LearnedState<Buffer>>> =>
  pipe(
    allOrNone(placement)((put) =>
      restoredOnDevice((value, path) => pipe(put(value, path), TE.mapLeft(onDevice)), checkpoint, measures),
    ),
    TE.map(({ params, others, host }) => ({
      device: { params, ema: nodeAt(others, 'ema'), optimizer: nodeAt(others, 'optimizer') },
      host,
    })),
  );

/** The state of a checkpoint on the device, whatever devices it was saved from; the host holds one tensor of it at a time. */
export const restoredState = (
  placement: Placement,
  checkpoint: OpenCheckpoint,
  measures: Interval,
): Effect<TrainState<LearnedState<Buffer>>> => together(restored(placement, checkpoint, measures));

/** A state to go on from, and what was noticed on the way to it. */
export type Resumed = {
  readonly state: TrainState<LearnedState<Buffer>>;
  /** Where it was saved. */
  readonly path: string;
  /** What was passed over, damaged. */
  readonly skipped: readonly string[];
};

/**
 * The newest whole checkpoint of a run, on the device.
 *
 * @param out - folder of the run.
 * @param params - the types that a run keeps its parameters in.
 * @errors damaged or missing checkpoints, another architecture, other statistics.
 */
export const resumeState = (
  placement: Placement,
  run: RunIdentity,
  out: string,
  params: Tree<TensorType>,
  measures: Interval,
): Effect<Resumed> => {
  const expected = { architecture: architectureOf(params), normalization: run.normalization };
  return pipe(
    withLatestCheckpoint(
      out,
      expected,
    )((checkpoint, { path, skipped }) =>
      pipe(
        restored(placement, checkpoint, measures),
        TE.map((state): Resumed => ({ state, path, skipped: skipped.map(showCheckpointError) })),
      ),
    ),
    together,
  );
};
