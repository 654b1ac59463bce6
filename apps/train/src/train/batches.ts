import {
  applyTransforms,
  type Batch,
  batchDict,
  type DataPosition,
  type EpochOrder,
  gatherBatch,
  nextIndices,
  type PictureCache,
  type Samples,
} from '@torsor/data';
import type { AugmentationInputs } from '@torsor/models';
import type { TensorValue } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { dataFailure, type Failure, transformFailure } from '../failure.js';
import type { HostState } from './host-state.js';
import { type ModelBatch, type ModelSpace, modelBatch, modelInputs } from './model-space.js';
import { type CameraBytes, drawAugmentation, gatherCameras, type Pictures } from './pictures.js';
import { type SequenceEncoder, type SequenceTokens, sequenceTokens } from './sequences.js';
import { drawFlow, drawFlowEach, evaluateKey, type FlowDraw, shuffleSeed, trainKey } from './streams.js';

/** Everything that the losses of the families are computed from, `b` samples. */
export type BatchInputs = ModelBatch &
  SequenceTokens &
  FlowDraw & {
    /** Of cameras that are given pictures. */
    readonly images: CameraBytes;
    /** What varies the pictures, in training. */
    readonly augmentation?: AugmentationInputs<TensorValue>;
  };

/** A batch as the model takes it, beside what it was made of. */
export type PreparedBatch = { readonly inputs: BatchInputs; readonly recorded: Batch };

/** What batches are made of and how. */
export type BatchSource = {
  readonly samples: Samples;
  readonly space: ModelSpace;
  readonly encode: SequenceEncoder;
  readonly pictures: Pictures;
  /** Keeps decoded pictures. */
  readonly cache: PictureCache;
  readonly actionHorizon: number;
  readonly seed: number;
};

type Prepared<A> = E.Either<Failure, A>;

type Drawn = FlowDraw & Pick<BatchInputs, 'augmentation'>;

const prepare = (source: BatchSource, indices: ArrayLike<number>, draw: Drawn): Prepared<PreparedBatch> => {
  const { samples, space, actionHorizon, encode, pictures, cache } = source;
  const toModel = applyTransforms(modelInputs(space, [encode.transform]), encode.tokenizers);
  return pipe(
    E.Do,
    E.bind('recorded', () => E.mapLeft(dataFailure)(gatherBatch(samples, { actionHorizon }, indices))),
    E.bind('made', ({ recorded }) => E.mapLeft(transformFailure)(toModel(batchDict(recorded)))),
    E.bind('model', ({ made }) => E.mapLeft(transformFailure)(modelBatch(made))),
    E.bind('tokens', ({ made }) => E.mapLeft(transformFailure)(sequenceTokens(made))),
    E.bind('images', () => E.mapLeft(dataFailure)(gatherCameras(pictures, samples, indices, cache))),
    E.map(({ recorded, model, tokens, images }) => ({ recorded, inputs: { ...model, ...tokens, ...draw, images } })),
  );
};

const chunkSize = ({ actionHorizon, space }: BatchSource): number => actionHorizon * space.actionDim;

/**
 * The batch of the next update, and the position in the data after it.
 *
 * @law a function of the source, the step and the position alone: a resumed run draws what it would have drawn.
 */
export const trainingBatch = (
  source: BatchSource,
  { step, position }: Pick<HostState, 'step' | 'position'>,
  batchSize: number,
  order?: EpochOrder,
): Prepared<PreparedBatch & { readonly position: DataPosition }> => {
  const next = nextIndices(position, batchSize, source.samples.count, shuffleSeed(source.seed), order);
  const flow = drawFlow(trainKey(source.seed, step), batchSize, chunkSize(source));
  const augmentation = drawAugmentation(source.pictures, source.seed, step, batchSize);
  return pipe(
    prepare(source, next.indices, augmentation === null ? flow : { ...flow, augmentation }),
    E.map((batch) => ({ ...batch, position: next.position })),
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
export const evaluationBatch = (source: BatchSource, { indices }: EvaluationRows): Prepared<PreparedBatch> => {
  const keys = indices.map((sample) => evaluateKey(source.seed, sample));
  return prepare(source, indices, drawFlowEach(keys, chunkSize(source)));
};
