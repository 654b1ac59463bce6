export type { Dataset, Episode, Gap, PictureRows } from './dataset.js';
export { type DataError, type FieldFault, type PicturePlace, showDataError } from './error.js';
export { type EncodedPictures, encodedPictures, pictureReader } from './fs/pictures.js';
export { type Description, type ReadOptions, readDataset, readDescription } from './fs/read-dataset.js';
export type { VideoEncoder } from './fs/record-episode.js';
export { sampleDatasetPath } from './fs/sample.js';
export { createDataset, type DatasetWriter, openForAppending, type WriteOptions } from './fs/write-dataset.js';
export { gapsIn } from './gaps.js';
export { type Joints, withJoints } from './joints.js';
export type { EpisodeRecord, RowsPlace, VideoPlace } from './meta/episode-record.js';
export type { Feature } from './meta/feature.js';
export type { Described } from './meta/format.js';
export type { DatasetInfo } from './meta/info.js';
export type { VectorColumns, VectorRole } from './meta/vector.js';
export { type PictureCache, pictureCache } from './pictures/cache.js';
export { cameraSize, pictureSize, wantedSize } from './pictures/camera.js';
export { decodePicture } from './pictures/decode.js';
export {
  type PictureBatch,
  type PictureReader,
  type PictureSizes,
  pictureBatch,
  pictureSizes,
  pixelsOf,
} from './pictures/gather.js';
export { type PictureHeader, pictureHeader } from './pictures/header.js';
export { withPrompt } from './prompt.js';
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
export { type EpisodeSplit, type HeldOut, type SplitOptions, splitEpisodes } from './sampling/split.js';
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
export { transformFrames } from './transforms/frames.js';
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
export type { NewEpisode } from './writing/episode.js';
export { showWriteError, type WriteError, type WriteRefusal } from './writing/error.js';
export type { CameraFrames } from './writing/frames.js';
export type { VideoCoding } from './writing/info.js';
export type {
  CameraFeature,
  DatasetSpec,
  FeatureSpec,
  FileLimits,
  NumberFeature,
  TextFeature,
} from './writing/spec.js';
