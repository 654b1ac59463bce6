export type { Dataset, Episode } from './dataset.js';
export { type DataError, type FieldFault, type PicturePlace, showDataError } from './error.js';
export { type Description, type ReadOptions, readDataset, readDescription } from './fs/read-dataset.js';
export { sampleDatasetPath } from './fs/sample.js';
export type { EpisodeRecord, RowsPlace, VideoPlace } from './meta/episode-record.js';
export type { Feature } from './meta/feature.js';
export type { DatasetInfo } from './meta/info.js';
export type { VectorColumns, VectorRole } from './meta/vector.js';
export { type PictureCache, pictureCache } from './pictures/cache.js';
export { pictureSize } from './pictures/camera.js';
export { gatherImages, type PictureBatch, type PictureOptions } from './pictures/gather.js';
export { type Batch, gatherBatch, type WindowSpec } from './sampling/batch.js';
export {
  cachedEpochOrder,
  type DataPosition,
  type EpochOrder,
  epochOrder,
  firstPosition,
  nextIndices,
} from './sampling/order.js';
export { type Sample, type Samples, sampleAt, samplesOf } from './sampling/samples.js';
export { type EpisodeSplit, type HeldOut, splitEpisodes } from './sampling/split.js';
export type { WithoutCameras } from './selection.js';
export { computeNormStats, type NormStatsSpec } from './stats/compute-norm-stats.js';
export type { Histogram } from './stats/histogram.js';
export { type NormStats, parseNormStats, showNormStats, type VectorStats } from './stats/norm-stats.js';
export { type Range, type RunningStats, type RunningStatsOptions, runningStats } from './stats/running-stats.js';
export { showZeroVariance, type ZeroVariance, zeroVariance } from './stats/zero-variance.js';
export { applyTransforms, inverseTransform, transformSample } from './transforms/apply.js';
export {
  type DataDict,
  type DataValue,
  NdArray,
  type NdData,
  type NdType,
  ndArray,
  type SampleDict,
  type SampleValue,
  showNdArray,
} from './transforms/array.js';
export { batchDict } from './transforms/batch-dict.js';
export { absoluteActions, type DeltaMask, deltaActions, makeBoolMask, subsampleActions } from './transforms/delta.js';
export { showTransformError, type TransformError } from './transforms/error.js';
export {
  gripperFromAngular,
  gripperFromAngularInv,
  gripperToAngular,
  gripperToLinear,
} from './transforms/gripper.js';
export { type NormalizationMode, normalize, unnormalize } from './transforms/normalize.js';
export { padToDim, type Resized, sliceToDim } from './transforms/pad.js';
export {
  type Pipeline,
  type PipelineModel,
  type PipelineName,
  type PipelineSpec,
  pipelineOf,
  pipelineSpecs,
  servingInputs,
  servingOutputs,
  trainingInputs,
} from './transforms/pipeline.js';
export type { Reals, StateActions } from './transforms/reals.js';
export { resizeBytesWithPad, type Size } from './transforms/resize-bytes.js';
export type { FastTokens, PromptTokens, TokenizedChunk, Tokenizers } from './transforms/tokenizers.js';
export {
  emptyGroup,
  type Group,
  type ModelKind,
  push,
  type RepackStructure,
  type Transform,
} from './transforms/transform.js';
export { bytesAt, float32At, int32At } from './transforms/typed-entry.js';
