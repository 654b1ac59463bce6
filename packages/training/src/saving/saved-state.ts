import type { Buffer } from '@torsor/backend';
import {
  type Architecture,
  type CheckpointContents,
  type CheckpointError,
  fetchedTensor,
  flatNames,
  type ManifestFields,
  type OpenCheckpoint,
  type TensorFile,
} from '@torsor/checkpoint';
import type { Interval } from '@torsor/metrics';
import { badPart, checkpointFiles, fastContents, type Put, putTensors, storedDTypes } from '@torsor/policy';
import type { TensorType, TensorValue } from '@torsor/tensor';
import type { FastFiles } from '@torsor/tokenizer';
import { flatten, leaves, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { decodeHostState, encodeHostState, type HostState } from '../loop/host-state.js';

/** A training state on a device: what a checkpoint holds. */
export type StateOnDevice = {
  /** By openpi's parameter paths. */
  readonly params: Tree<Buffer>;
  /** Everything else that the next update depends on: the optimizer's state, averaged parameters. */
  readonly others: Tree<Buffer>;
  readonly host: HostState;
};

/** Copies a buffer to the host. */
export type Get<X> = (buffer: Buffer) => TE.TaskEither<X, TensorValue>;

/** Names, dtypes and shapes of parameters: what a checkpoint must have to be of this model. */
export const architectureOf = (types: Tree<TensorType>): Architecture =>
  new Map(flatten(types).map(({ path, leaf }) => [path, { dtype: storedDTypes[leaf.dtype], shape: leaf.shape }]));

const tensorFile = <X>(get: Get<X>, tree: Tree<Buffer>): E.Either<CheckpointError, TensorFile<X>> =>
  pipe(
    // An optimizer without momentum has no state, and where nothing is averaged either there is nothing else to keep.
    leaves(tree).length === 0 ? E.right(new Map<string, Buffer>()) : flatNames(tree),
    E.map((named) => ({
      tensors: [...named].map(([name, buffer]) =>
        fetchedTensor(
          { name, dtype: storedDTypes[buffer.type.dtype], shape: buffer.type.shape },
          pipe(
            get(buffer),
            TE.map(({ data }) => data),
          ),
        ),
      ),
      metadata: {},
    })),
  );

/**
 * What `saveCheckpoint` writes for a state; each buffer is copied to the host when its turn has come.
 *
 * @param fast - the tokenizer of action chunks; `null` for a policy that has none.
 * @errors `BadTree` for parameters that flat names cannot give back.
 */
export const checkpointContents = <X>(
  get: Get<X>,
  state: StateOnDevice,
  manifest: ManifestFields,
  fast: FastFiles | null,
  measures: Interval,
): E.Either<CheckpointError, CheckpointContents<X>> =>
  pipe(
    E.Do,
    E.bind('params', () => tensorFile(get, state.params)),
    E.bind('others', () => tensorFile(get, state.others)),
    E.map(({ params, others }) => ({
      manifest,
      files: {
        [checkpointFiles.params]: params,
        [checkpointFiles.others]: others,
        [checkpointFiles.host]: new TextEncoder().encode(encodeHostState(state.host, measures)),
        ...(fast === null ? {} : fastContents(fast)),
      },
    })),
  );

const hostOf = ({ path, files: held }: OpenCheckpoint, measures: Interval): E.Either<CheckpointError, HostState> => {
  const bytes = held.get(checkpointFiles.host);
  if (bytes === undefined) return E.left({ _tag: 'MissingFile', path, file: checkpointFiles.host });
  return pipe(
    decodeHostState(new TextDecoder().decode(bytes), measures),
    E.mapLeft((reason) => badPart(path, checkpointFiles.host, reason)),
  );
};

/**
 * The state of a checkpoint, read and put on a device tensor by tensor.
 *
 * @errors `MissingFile`, `BadManifest` for a part of another form, `BadTree`, `CannotRead`, those of `put`.
 * @law the state that `checkpointContents` was given, bit for bit.
 */
export const restoredOnDevice = <X>(
  put: Put<X>,
  checkpoint: OpenCheckpoint,
  measures: Interval,
): TE.TaskEither<CheckpointError | X, StateOnDevice> =>
  pipe(
    TE.fromEither<CheckpointError | X, HostState>(hostOf(checkpoint, measures)),
    TE.bindTo('host'),
    TE.bind('params', () => putTensors(put, checkpoint, checkpointFiles.params, 'params/')),
    TE.bind('others', () => putTensors(put, checkpoint, checkpointFiles.others, '')),
  );
