import {
  applyTransforms,
  type Batch,
  batchDict,
  cachedEpochOrder,
  type DataPosition,
  type EpochOrder,
  gatherBatch,
  type NormalizationMode,
  type NormStats,
  nextIndices,
  type PictureReader,
  type Samples,
} from '@torsor/data';
import {
  type BatchInputs,
  dataError,
  defect,
  type FlowDraw,
  type ModelSpace,
  modelBatch,
  modelInputs,
  type Pictures,
  type PolicyModel,
  type SequenceEncoder,
  sequenceTokens,
  transformError,
} from '@torsor/policy';
import type { TensorValue } from '@torsor/tensor';
import type { TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainingError } from '../error.js';
import type { HostState } from '../loop/host-state.js';
import type { DataSource } from '../update/updater.js';
import { drawAugmentation, gatherCameras } from './pictures.js';
import { drawFlow, drawFlowEach, evaluateKey, shuffleSeed, trainKey } from './streams.js';

/** A batch as the model takes it, beside what it was made of. */
export type PreparedBatch = { readonly inputs: BatchInputs; readonly recorded: Batch };

/** What the batches of a policy are made of and how. */
export type SampleSource = {
  readonly samples: Samples;
  readonly space: ModelSpace;
  readonly encode: SequenceEncoder;
  readonly pictures: Pictures;
  /** Reads what they show. */
  readonly read: PictureReader;
  readonly actionHorizon: number;
  readonly seed: number;
};

/** How a dataset's numbers are made a model's. */
export type SpaceSettings = {
  readonly normMode: NormalizationMode;
  readonly deltaActionMask: readonly boolean[] | null;
  /** Whether states and actions are ALOHA's, and are learned in the joints of openpi's own robots. */
  readonly adaptToPi: boolean;
};

/** How the states and actions of a dataset become those of a model. */
export const modelSpaceOf = (stats: NormStats, data: SpaceSettings, actionDim: number): ModelSpace => ({
  stats,
  normMode: data.normMode,
  deltaActionMask: data.deltaActionMask,
  adaptToPi: data.adaptToPi,
  actionDim,
});

/** What the batches of some samples are made of. */
export const sourceOf = (
  samples: Samples,
  stats: NormStats,
  encode: SequenceEncoder,
  pictures: Pictures,
  read: PictureReader,
  { actionDim, actionHorizon }: Pick<PolicyModel['sizes'], 'actionDim' | 'actionHorizon'>,
  { data, seed }: { readonly data: SpaceSettings; readonly seed: number },
): SampleSource => ({
  samples,
  space: modelSpaceOf(stats, data, actionDim),
  encode,
  pictures,
  read,
  actionHorizon,
  seed,
});

type Drawn = FlowDraw & Pick<BatchInputs, 'augmentation'>;

const prepare = (
  source: SampleSource,
  indices: ArrayLike<number>,
  draw: Drawn,
): TE.TaskEither<TrainingError, PreparedBatch> => {
  const { samples, space, actionHorizon, encode, pictures, read } = source;
  const toModel = applyTransforms(modelInputs(space, [encode.transform]), encode.tokenizers);
  const rows = pipe(
    E.Do,
    E.bind('recorded', () => E.mapLeft(dataError)(gatherBatch(samples, { actionHorizon }, indices))),
    E.bind('made', ({ recorded }) => E.mapLeft(transformError)(toModel(batchDict(recorded)))),
    E.bind('model', ({ made }) => E.mapLeft(transformError)(modelBatch(made))),
    E.bind('tokens', ({ made }) => E.mapLeft(transformError)(sequenceTokens(made))),
  );
  return pipe(
    TE.fromEither(rows),
    TE.bindW('images', () => TE.mapLeft(dataError)(gatherCameras(read, pictures, samples, indices))),
    TE.map(({ recorded, model, tokens, images }) => ({
      recorded,
      inputs: { ...model, ...tokens, ...draw, images, actionIsPad: recorded.actionIsPad },
    })),
  );
};

const chunkSize = ({ actionHorizon, space }: SampleSource): number => actionHorizon * space.actionDim;

/**
 * The batch of the next update, and the position in the data after it.
 *
 * @law a function of the source, the step and the position alone: a resumed run draws what it would have drawn.
 */
export const trainingBatch = (
  source: SampleSource,
  { step, position }: Pick<HostState, 'step' | 'position'>,
  batchSize: number,
  order?: EpochOrder,
): TE.TaskEither<TrainingError, PreparedBatch & { readonly position: DataPosition }> => {
  const next = nextIndices(position, batchSize, source.samples.count, shuffleSeed(source.seed), order);
  const flow = drawFlow(trainKey(source.seed, step), batchSize, chunkSize(source));
  const augmentation = drawAugmentation(source.pictures, source.seed, step, batchSize);
  return pipe(
    prepare(source, next.indices, augmentation === null ? flow : { ...flow, augmentation }),
    TE.map((batch) => ({ ...batch, position: next.position })),
  );
};

/** Rows of an evaluation batch; those from `real` on repeat its last sample, so that every batch has one shape. */
export type EvaluationRows = { readonly indices: readonly number[]; readonly real: number };

/**
 * `wanted` samples of `count`, evenly spread, in batches of `batchSize`; all of them where `wanted` is null or more than there are.
 *
 * @law the real rows of all batches are distinct samples in ascending order.
 */
export const evaluationRows = (count: number, wanted: number | null, batchSize: number): readonly EvaluationRows[] => {
  const n = wanted === null ? count : Math.min(wanted, count);
  const chosen = Array.from({ length: n }, (_, i) => Math.floor(((i + 0.5) * count) / n));
  return Array.from({ length: Math.ceil(n / batchSize) }, (_, at) => {
    const rows = chosen.slice(at * batchSize, (at + 1) * batchSize);
    const last = rows.at(-1) ?? 0;
    return { indices: [...rows, ...Array.from({ length: batchSize - rows.length }, () => last)], real: rows.length };
  });
};

/**
 * A batch of held-out samples, each with its own noise and time.
 *
 * @law a sample's row depends on the sample and the seed alone.
 */
export const evaluationBatch = (
  source: SampleSource,
  { indices }: EvaluationRows,
): TE.TaskEither<TrainingError, PreparedBatch> => {
  const keys = indices.map((sample) => evaluateKey(source.seed, sample));
  return prepare(source, indices, drawFlowEach(keys, chunkSize(source)));
};

const samplesIn = ({ episodeIndex, frameIndex }: Batch): readonly string[] =>
  [...episodeIndex].map((episode, i) => `${episode}:${frameIndex[i]}`);

/** The batches of a policy's updates: windows of a dataset in the order of its epochs, with the noise of their step. */
export const policySource = (
  source: SampleSource,
  model: Pick<PolicyModel, 'batchTensors'>,
  batchSize: number,
): DataSource => {
  const order = cachedEpochOrder();
  return (at) =>
    pipe(
      trainingBatch(source, at, batchSize, order),
      TE.flatMapEither(({ inputs, recorded, position }) =>
        E.bimap(
          ({ reason }: { readonly reason: string }): TrainingError => defect(reason),
          (tensors: TreeNode<TensorValue>) => ({
            inputs: tensors,
            size: batchSize,
            position,
            samples: () => samplesIn(recorded),
          }),
        )(model.batchTensors(inputs, batchSize)),
      ),
    );
};
