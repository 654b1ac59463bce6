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

/**
 * States and actions in the model's space: delta actions, normalised, padded with zeros.
 *
 * @errors `ShapeMismatch` when the dataset is wider than the model, or the mask longer than its vectors; `MissingQuantiles`.
 * @law `fromModelSpace` undoes it, up to rounding.
 * @source openpi `training/data_loader.py` `transform_dataset` (15a9616): the order of the transforms
 */
export const toModelSpace = (space: ModelSpace, batch: Batch): E.Either<DataError, ModelBatch> => {
  const { stats, normMode, actionDim } = space;
  const { stateDim, actionDim: ad } = batch;
  return pipe(
    E.Do,
    E.bind('delta', () => shifted(space.deltaActionMask, deltaActions, batch)),
    E.bind('state', () =>
      pipe(
        normalize(stats.state, normMode, stateDim)(batch.state),
        E.flatMap((state) => widened(state, stateDim, actionDim)),
      ),
    ),
    E.bind('actions', ({ delta }) =>
      pipe(
        normalize(stats.actions, normMode, ad)(delta.actions),
        E.flatMap((actions) => widened(actions, ad, actionDim)),
      ),
    ),
    E.map(({ state, actions }) => ({ state, actions })),
  );
};

/**
 * Actions of a model in the dataset's units: padding cut, un-normalised, absolute again.
 *
 * @param batch - whose `state` the chunks begin at, in the dataset's units.
 * @param sampled - `f32[b, ah, ad]` in the model's space.
 * @returns `f32[b, ah, n]` with the dataset's `n` action dimensions.
 * @errors `ShapeMismatch`, `MissingQuantiles`
 */
export const fromModelSpace = (
  space: ModelSpace,
  batch: Pick<Batch, 'state' | 'stateDim' | 'actionDim' | 'actionHorizon'>,
  sampled: Float32Array,
): E.Either<DataError, Float32Array> =>
  pipe(
    sliceToDim(space.actionDim, batch.actionDim)(sampled),
    E.flatMap(({ data }) => unnormalize(space.stats.actions, space.normMode, batch.actionDim)(data)),
    E.flatMap((actions) => shifted(space.deltaActionMask, absoluteActions, { ...batch, actions })),
    E.map(({ actions }) => float32(actions)),
  );
