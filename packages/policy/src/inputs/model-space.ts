import {
  applyTransforms,
  type Batch,
  type DataDict,
  float32At,
  NdArray,
  type NormalizationMode,
  type NormStats,
  type Transform,
  type TransformError,
} from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';

/** How states and actions of a dataset become those of a model. */
export type ModelSpace = {
  readonly stats: NormStats;
  readonly normMode: NormalizationMode;
  readonly deltaActionMask: readonly boolean[] | null;
  /** Whether they are ALOHA's, and the model's those of openpi's own robots: deltas and statistics are of the latter. */
  readonly adaptToPi: boolean;
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

const stateToPi: Transform = { kind: 'AlohaToPi', key: 'state' };

/**
 * States and actions of a dataset in the joints that deltas and statistics are of.
 *
 * @source openpi `policies/aloha_policy.py` `AlohaInputs` (15a9616)
 */
export const jointInputs = ({ adaptToPi }: Pick<ModelSpace, 'adaptToPi'>): readonly Transform[] =>
  adaptToPi ? [stateToPi, { kind: 'AlohaToPi', key: 'actions' }] : [];

/**
 * States and actions as tokens are made of them: in the model's joints, delta actions, normalized, not padded.
 *
 * @source openpi `training/data_loader.py` `transform_dataset` (15a9616): tokens come after normalizing, before padding
 */
export const normalizedInputs = ({
  stats,
  normMode: mode,
  deltaActionMask: mask,
  adaptToPi,
}: ModelSpace): readonly Transform[] => [
  ...jointInputs({ adaptToPi }),
  { kind: 'DeltaActions', mask },
  { kind: 'Normalize', stats, mode },
];

/**
 * From windows of a dataset to a model's states, actions and sequences.
 *
 * @param sequences - what makes the sequences of the model's family, where they are wanted.
 * @law `modelOutputs` undoes it on actions, up to rounding.
 * @source openpi `training/data_loader.py` `transform_dataset` (15a9616): the order of the transforms
 */
export const modelInputs = (space: ModelSpace, sequences: readonly Transform[]): readonly Transform[] => [
  ...normalizedInputs(space),
  ...sequences,
  { kind: 'PadStatesAndActions', modelActionDim: space.actionDim },
];

/**
 * From actions of a model to those of a dataset with `n` dimensions: padding cut, un-normalized, absolute again, in the
 * dataset's joints. States are those that the chunks begin at, in the dataset's units; deltas are added in the model's joints.
 */
export const modelOutputs = (
  { stats: { actions }, normMode: mode, deltaActionMask: mask, adaptToPi }: ModelSpace,
  n: number,
): readonly Transform[] => [
  { kind: 'SliceActions', actionDim: n },
  { kind: 'Unnormalize', stats: { actions }, mode },
  ...(adaptToPi ? [stateToPi] : []),
  { kind: 'AbsoluteActions', mask },
  ...(adaptToPi ? [{ kind: 'AlohaFromPi' } as const] : []),
];

/** States and actions that transforms have brought to a model. */
export const modelBatch = (dict: DataDict): E.Either<TransformError, ModelBatch> =>
  pipe(
    E.Do,
    E.bind('state', () => float32At(dict, 'state')),
    E.bind('actions', () => float32At(dict, 'actions')),
  );

/** What chunks of actions begin at, in the dataset's units, and how wide they are. */
export type ChunkStart = Pick<Batch, 'state' | 'stateDim' | 'actionDim' | 'actionHorizon'>;

/**
 * Actions of a model in the dataset's units, through `modelOutputs`.
 *
 * @param sampled - `f32[b, ah, ad]` in the model's space, or `f32[b, ah, n]` without its padding.
 * @returns `f32[b, ah, n]` with the dataset's `n` action dimensions.
 * @errors `WrongValue`, `Refused`
 */
export const recordedActions = (
  space: ModelSpace,
  { state, stateDim, actionDim: n, actionHorizon: ah }: ChunkStart,
  sampled: Float32Array,
): E.Either<TransformError, Float32Array> => {
  const b = state.length / stateDim;
  const begun: DataDict = {
    state: new NdArray('float32', [b, stateDim], state),
    actions: new NdArray('float32', [b, ah, sampled.length / (b * ah)], sampled),
  };
  return pipe(
    begun,
    applyTransforms(modelOutputs(space, n)),
    E.flatMap((dict) => float32At(dict, 'actions')),
  );
};
