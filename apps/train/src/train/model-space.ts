import {
  absoluteActions,
  type Batch,
  type DataError,
  deltaActions,
  type NormalizationMode,
  type NormStats,
  normalize,
  padToDim,
  type Reals,
  type StateActions,
  sliceToDim,
  unnormalize,
} from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';

/** How states and actions of a dataset become those of a model. */
export type ModelSpace = {
  readonly stats: NormStats;
  readonly normMode: NormalizationMode;
  readonly deltaActionMask: readonly boolean[] | null;
  /** The width `ad` that the model works in. */
  readonly actionDim: number;
};

/** States and actions as a model sees them. */
export type ModelBatch = {
  /** `f32[b, ad]` */
  readonly state: Float32Array;
  /** `f32[b, ah, ad]` */
  readonly actions: Float32Array;
};

const float32 = (values: Reals): Float32Array => (values instanceof Float32Array ? values : Float32Array.from(values));

const shifted = <A extends StateActions>(
  mask: readonly boolean[] | null,
  shift: typeof deltaActions,
  batch: A,
): E.Either<DataError, A> => (mask === null ? E.right(batch) : shift(mask)(batch));

const widened = (data: Reals, dim: number, to: number): E.Either<DataError, Float32Array> =>
  pipe(
    padToDim(dim, to)(data),
    E.map((padded) => float32(padded.data)),
  );

/** States and actions normalized, at the dataset's own widths: what tokens are made of. */
export type Normalized = {
  /** `[b, n]` */
  readonly state: Reals;
  readonly stateDim: number;
  /** `[b, ah, n]` */
  readonly actions: Reals;
  readonly actionDim: number;
};

/**
 * States and actions as tokens are made of them: delta actions, normalized, not padded.
 *
 * @errors `ShapeMismatch` when the mask is longer than the dataset's vectors; `MissingQuantiles`.
 * @source openpi `training/data_loader.py` `transform_dataset` (15a9616): tokens come after normalizing, before padding
 */
export const normalized = (space: ModelSpace, batch: Batch): E.Either<DataError, Normalized> => {
  const { stats, normMode } = space;
  const { stateDim, actionDim } = batch;
  return pipe(
    E.Do,
    E.bind('delta', () => shifted(space.deltaActionMask, deltaActions, batch)),
    E.bind('state', () => normalize(stats.state, normMode, stateDim)(batch.state)),
    E.bind('actions', ({ delta }) => normalize(stats.actions, normMode, actionDim)(delta.actions)),
    E.map(({ state, actions }) => ({ state, stateDim, actions, actionDim })),
  );
};

/**
 * Normalized states and actions padded with zeros to the model's width.
 *
 * @errors `ShapeMismatch` when the dataset is wider than the model.
 */
export const padded = (
  { actionDim }: Pick<ModelSpace, 'actionDim'>,
  { state, stateDim, actions, actionDim: n }: Normalized,
): E.Either<DataError, ModelBatch> =>
  pipe(
    E.Do,
    E.bind('state', () => widened(state, stateDim, actionDim)),
    E.bind('actions', () => widened(actions, n, actionDim)),
  );

/**
 * States and actions in the model's space: delta actions, normalized, padded with zeros.
 *
 * @errors `ShapeMismatch` when the dataset is wider than the model, or the mask longer than its vectors; `MissingQuantiles`.
 * @law `fromModelSpace` undoes it, up to rounding.
 * @source openpi `training/data_loader.py` `transform_dataset` (15a9616): the order of the transforms
 */
export const toModelSpace = (space: ModelSpace, batch: Batch): E.Either<DataError, ModelBatch> =>
  pipe(
    normalized(space, batch),
    E.flatMap((found) => padded(space, found)),
  );

/**
 * Actions of a model in the dataset's units: padding cut, un-normalized, absolute again.
 *
 * @param batch - whose `state` the chunks begin at, in the dataset's units.
 * @param sampled - `f32[b, ah, ad]` in the model's space.
 * @returns `f32[b, ah, n]` with the dataset's `n` action dimensions.
 * @errors `ShapeMismatch`, `MissingQuantiles`
 */
export const fromModelSpace = (
  space: ModelSpace,
  batch: RecordedStates,
  sampled: Float32Array,
): E.Either<DataError, Float32Array> =>
  pipe(
    sliceToDim(space.actionDim, batch.actionDim)(sampled),
    E.flatMap(({ data }) => unnormalized(space, batch, data)),
  );

/** What chunks of actions begin at, in the dataset's units, and how wide they are. */
export type RecordedStates = Pick<Batch, 'state' | 'stateDim' | 'actionDim' | 'actionHorizon'>;

/**
 * Normalized actions in the dataset's units: un-normalized, absolute again.
 *
 * @param actions - `f32[b, ah, n]` with the dataset's `n` action dimensions.
 * @errors `ShapeMismatch`, `MissingQuantiles`
 * @law undoes `normalized`, up to rounding.
 */
export const unnormalized = (
  space: ModelSpace,
  batch: RecordedStates,
  actions: Reals,
): E.Either<DataError, Float32Array> =>
  pipe(
    unnormalize(space.stats.actions, space.normMode, batch.actionDim)(actions),
    E.flatMap((found) => shifted(space.deltaActionMask, absoluteActions, { ...batch, actions: found })),
    E.map(({ actions: absolute }) => float32(absolute)),
  );
