import * as E from 'fp-ts/lib/Either.js';
import {
  type DimensionStats,
  type FeatureStats,
  joinDimensions,
  quantileNames,
  quantilesFrom,
} from './feature-stats.js';

/** numpy rounds halves to even. */
const roundHalfToEven = (x: number): number => {
  const down = Math.floor(x);
  const above = x - down;
  if (above !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
};

const [fewestFrames, mostFrames] = [100, 10_000];

/**
 * The frames of an episode whose pictures are looked at: all of up to 100, then about l^0.75, evenly spread.
 *
 * @source LeRobot 0.6.1 `datasets/compute_stats.py` `sample_indices`
 */
export const sampledFrames = (length: number): readonly number[] => {
  const count = Math.max(Math.min(fewestFrames, length), Math.min(Math.floor(length ** 0.75), mostFrames));
  const step = count < 2 ? 0 : (length - 1) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? length - 1 : roundHalfToEven(i * step)));
};

/**
 * Every how many pixels one is looked at: pictures of 300 pixels and more are thinned to about 150.
 *
 * @source LeRobot 0.6.1 `datasets/compute_stats.py` `auto_downsample_height_width`
 */
export const pixelStep = (height: number, width: number): number =>
  Math.max(height, width) < 300 ? 1 : Math.trunc(Math.max(height, width) / 150);

/** How many pixels have each of the 256 values, for each of three colours. */
type PixelCounts = readonly [Float64Array, Float64Array, Float64Array];

const countPixels = (counts: PixelCounts, pixels: Uint8Array, height: number, width: number): void => {
  const step = pixelStep(height, width);
  for (let row = 0; row < height; row += step) {
    for (let column = 0; column < width; column += step) {
      const at = (row * width + column) * 3;
      for (const [colour, of] of counts.entries()) {
        const value = pixels[at + colour] ?? 0;
        of[value] = (of[value] ?? 0) + 1;
      }
    }
  }
};

/** The value at a rank of ascending pixels. */
const valueAt = (counts: Float64Array, rank: number): number => {
  let before = 0;
  for (let value = 0; value < 256; value++) {
    before += counts[value] ?? 0;
    if (rank < before) return value;
  }
  return 255;
};

const colourStats = (counts: Float64Array): DimensionStats => {
  const count = counts.reduce((sum, n) => sum + n, 0);
  const mean = counts.reduce((sum, n, value) => sum + n * value, 0) / count;
  const squares = counts.reduce((sum, n, value) => sum + n * (value - mean) ** 2, 0);
  const at = (rank: number): number => valueAt(counts, rank);
  const found: DimensionStats = {
    min: at(0),
    max: at(count - 1),
    mean,
    std: Math.sqrt(squares / count),
    ...quantilesFrom(count, at),
  };
  const scaled = Object.entries(found).map(([key, value]) => [key, value / 255]);
  return Object.fromEntries(scaled) as DimensionStats;
};

/**
 * Statistics of what a camera saw in an episode, a value per colour from 0 to 1, over sampled frames and pixels.
 *
 * @param pixels - the bytes `[h, w, 3]` of a frame.
 * @returns those of `pixels` that fail on the left.
 * @source LeRobot 0.6.1 `datasets/compute_stats.py` `compute_episode_stats`
 */
export const statsOfCamera = <X>(
  length: number,
  size: { readonly height: number; readonly width: number },
  pixels: (frame: number) => E.Either<X, Uint8Array>,
): E.Either<X, FeatureStats> => {
  const counts: PixelCounts = [new Float64Array(256), new Float64Array(256), new Float64Array(256)];
  const frames = sampledFrames(length);
  for (const frame of frames) {
    const found = pixels(frame);
    if (E.isLeft(found)) return found;
    countPixels(counts, found.right, size.height, size.width);
  }
  return E.right(joinDimensions(frames.length, counts.map(colourStats)));
};

const weightedMean = (episodes: readonly FeatureStats[], of: (stats: FeatureStats) => number): number => {
  const count = episodes.reduce((sum, stats) => sum + stats.count, 0);
  return episodes.reduce((sum, stats) => sum + stats.count * of(stats), 0) / count;
};

/**
 * Statistics of a camera over several episodes, from those of each: least, greatest, mean and deviation as over all their sampled
 * pictures. Quantiles are the episodes' own, averaged by pictures, as LeRobot does it: those of all pictures are not known.
 *
 * @source LeRobot 0.6.1 `datasets/compute_stats.py` `aggregate_feature_stats`
 */
export const joinCameraStats = (episodes: readonly FeatureStats[]): FeatureStats => {
  const count = episodes.reduce((sum, stats) => sum + stats.count, 0);
  const colours = [0, 1, 2].map((colour): DimensionStats => {
    const at = (values: readonly number[]): number => values[colour] ?? 0;
    const mean = weightedMean(episodes, (stats) => at(stats.mean));
    const variance = weightedMean(episodes, (stats) => at(stats.std) ** 2 + (at(stats.mean) - mean) ** 2);
    const averaged = quantileNames.map((name) => [name, weightedMean(episodes, (stats) => at(stats[name]))]);
    return {
      min: episodes.reduce((least, stats) => Math.min(least, at(stats.min)), Number.POSITIVE_INFINITY),
      max: episodes.reduce((most, stats) => Math.max(most, at(stats.max)), Number.NEGATIVE_INFINITY),
      mean,
      std: Math.sqrt(variance),
      ...(Object.fromEntries(averaged) as Pick<DimensionStats, (typeof quantileNames)[number]>),
    };
  });
  return joinDimensions(count, colours);
};
