export type { Dataset, Episode } from './dataset.js';
export { type DataError, type FieldFault, showDataError } from './errors.js';
export { type ReadOptions, readDataset } from './fs/read-dataset.js';
export { sampleDatasetPath } from './fs/sample.js';
export type { Feature } from './meta/feature.js';
export type { DatasetInfo } from './meta/info.js';
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
export { absoluteActions, type DeltaMask, deltaActions, makeBoolMask, subsampleActions } from './transforms/delta.js';
export { type NormalizationMode, normalize, unnormalize } from './transforms/normalize.js';
export { padToDim, type Resized, sliceToDim } from './transforms/pad.js';
export type { Reals, StateActions } from './transforms/reals.js';
