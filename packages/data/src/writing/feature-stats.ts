/** Statistics of a feature over some frames, an entry per dimension, or per colour of a camera on a scale from 0 to 1. */
export type FeatureStats = {
  readonly min: readonly number[];
  readonly max: readonly number[];
  readonly mean: readonly number[];
  /** Population standard deviation. */
  readonly std: readonly number[];
  /** Frames, or pictures that were looked at. */
  readonly count: number;
  readonly q01: readonly number[];
  readonly q10: readonly number[];
  readonly q50: readonly number[];
  readonly q90: readonly number[];
  readonly q99: readonly number[];
};

/** The quantiles that LeRobot keeps. @source LeRobot 0.6.1 `datasets/compute_stats.py` `DEFAULT_QUANTILES` */
export const quantiles = { q01: 0.01, q10: 0.1, q50: 0.5, q90: 0.9, q99: 0.99 } as const;

/** Names of quantiles. */
export type Quantile = keyof typeof quantiles;

/** The names of the quantiles, ascending. */
export const quantileNames: readonly Quantile[] = ['q01', 'q10', 'q50', 'q90', 'q99'];

/** Which two of `count` ascending values a quantile lies between, and how far: numpy's `linear`. */
export const rankOf = (q: number, count: number): { readonly low: number; readonly share: number } => {
  const position = q * (count - 1);
  const low = Math.min(Math.floor(position), count - 1);
  return { low, share: position - low };
};

/** Between two values, rounded as numpy rounds. @source numpy 2.2 `lib/_function_base_impl.py` `_lerp` */
const between = (a: number, b: number, share: number): number =>
  share < 0.5 ? a + (b - a) * share : b - (b - a) * (1 - share);

/** Every quantile, from the value at a rank. */
export const quantilesFrom = (count: number, at: (rank: number) => number): { readonly [q in Quantile]: number } => {
  const of = (name: Quantile): number => {
    const { low, share } = rankOf(quantiles[name], count);
    return between(at(low), at(Math.min(low + 1, count - 1)), share);
  };
  return { q01: of('q01'), q10: of('q10'), q50: of('q50'), q90: of('q90'), q99: of('q99') };
};

/** Statistics of one dimension. */
export type DimensionStats = { readonly [key in Exclude<keyof FeatureStats, 'count'>]: number };

/** Statistics of a feature from those of its dimensions. */
export const joinDimensions = (count: number, dimensions: readonly DimensionStats[]): FeatureStats => {
  const of = (key: keyof DimensionStats): readonly number[] => dimensions.map((dimension) => dimension[key]);
  return {
    min: of('min'),
    max: of('max'),
    mean: of('mean'),
    std: of('std'),
    count,
    q01: of('q01'),
    q10: of('q10'),
    q50: of('q50'),
    q90: of('q90'),
    q99: of('q99'),
  };
};

const dimensionOf = (sorted: Float64Array): DimensionStats => {
  const count = sorted.length;
  const mean = sorted.reduce((sum, x) => sum + x, 0) / count;
  const squares = sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return {
    min: sorted[0] ?? 0,
    max: sorted[count - 1] ?? 0,
    mean,
    std: Math.sqrt(squares / count),
    ...quantilesFrom(count, (rank) => sorted[rank] ?? 0),
  };
};

/**
 * Statistics of vectors in memory, `[n, dim]` row-major, exactly: in f64, quantiles by numpy's `linear`. LeRobot 0.6.1 estimates
 * quantiles by a histogram, which is off by a bin, and by a gap between neighbours in short episodes.
 *
 * @law equal to numpy's `min`, `max`, `mean`, `std` and `quantile` along the first axis, sums up to rounding.
 * @source LeRobot 0.6.1 `datasets/compute_stats.py` `get_feature_stats`
 */
export const statsOfRows = (values: ArrayLike<number>, dim: number): FeatureStats => {
  const count = values.length / dim;
  const dimensions = Array.from({ length: dim }, (_, i) => {
    const column = new Float64Array(count);
    for (let row = 0; row < count; row++) column[row] = values[row * dim + i] ?? 0;
    return dimensionOf(column.sort());
  });
  return joinDimensions(count, dimensions);
};
