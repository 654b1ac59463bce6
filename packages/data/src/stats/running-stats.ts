import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from '../error.js';
import type { Reals } from '../transforms/reals.js';
import { addTo, type Histogram, makeHistogram, quantileOf, rebin } from './histogram.js';
import type { VectorStats } from './norm-stats.js';

/** Least and largest value of each dimension. */
export type Range = {
  readonly min: readonly number[];
  readonly max: readonly number[];
};

/** How statistics are accumulated. */
export type RunningStatsOptions = {
  /** `float64` (default), or `float32` to round every sum as numpy does on float32 batches. */
  readonly precision?: 'float64' | 'float32';
  /** The range of all vectors to come, where known: bins are then fixed and no count is ever moved or lost. */
  readonly range?: Range;
};

/** A builder of statistics: the one mutable object here, since a histogram per dimension is too large to copy per batch. */
export type RunningStats = {
  /** Adds a batch of vectors, `[…, dim]` row-major. */
  readonly update: (batch: Reals) => void;
  /** Vectors added so far. */
  readonly count: () => number;
  /** Copy of a dimension's histogram; undefined before the first batch. */
  readonly histogram: (dim: number) => Histogram | undefined;
  /** Statistics so far; at least two vectors are needed. */
  readonly statistics: () => E.Either<DataError, VectorStats>;
};

/** Half-width by which the first bins exceed the first batch. */
const margin = 1e-10;

const exactly = (x: number): number => x;

type State = {
  count: number;
  mean: Float64Array;
  meanOfSquares: Float64Array;
  min: Float64Array;
  max: Float64Array;
  histograms: Histogram[];
};

const batchMeans = (batch: Reals, dim: number, round: (x: number) => number): readonly [Float64Array, Float64Array] => {
  const sums = new Float64Array(dim);
  const squares = new Float64Array(dim);
  for (let at = 0; at < batch.length; at += dim) {
    for (let i = 0; i < dim; i++) {
      const x = batch[at + i] ?? 0;
      sums[i] = round((sums[i] ?? 0) + x);
      squares[i] = round((squares[i] ?? 0) + round(x * x));
    }
  }
  const rows = batch.length / dim;
  return [sums.map((sum) => round(sum / rows)), squares.map((sum) => round(sum / rows))];
};

/** Grows the range by a batch; whether it grew. */
const growRange = (state: State, batch: Reals, dim: number): boolean => {
  let grew = false;
  for (let at = 0; at < batch.length; at++) {
    const i = at % dim;
    const x = batch[at] ?? 0;
    if (x < (state.min[i] ?? 0)) {
      state.min[i] = x;
      grew = true;
    }
    if (x > (state.max[i] ?? 0)) {
      state.max[i] = x;
      grew = true;
    }
  }
  return grew;
};

const fitHistograms = (state: State, batch: Reals, dim: number): void => {
  const first = state.histograms.length === 0;
  const grew = growRange(state, batch, dim);
  if (!first && !grew) return;
  for (let i = 0; i < dim; i++) {
    const [low, high] = [state.min[i] ?? 0, state.max[i] ?? 0];
    const old = state.histograms[i];
    state.histograms[i] = old ? rebin(old, low, high) : makeHistogram(low - margin, high + margin);
  }
};

const moveMean = (mean: Float64Array, batchMean: Float64Array, share: number, round: (x: number) => number): void => {
  for (let i = 0; i < mean.length; i++) {
    const step = round(round((batchMean[i] ?? 0) - (mean[i] ?? 0)) * round(share));
    mean[i] = round((mean[i] ?? 0) + step);
  }
};

const summarize = (state: State, round: (x: number) => number): VectorStats => {
  const std = [...state.mean].map((mean, i) => {
    const variance = round((state.meanOfSquares[i] ?? 0) - round(mean * mean));
    return round(Math.sqrt(Math.max(0, variance)));
  });
  const quantiles = (q: number): readonly number[] => state.histograms.map((h) => quantileOf(h, q * state.count));
  return { mean: [...state.mean], std, q01: quantiles(0.01), q99: quantiles(0.99) };
};

const startState = (dim: number, range: Range | undefined): State => ({
  count: 0,
  mean: new Float64Array(dim),
  meanOfSquares: new Float64Array(dim),
  min: Float64Array.from(range?.min ?? new Array<number>(dim).fill(Number.POSITIVE_INFINITY)),
  max: Float64Array.from(range?.max ?? new Array<number>(dim).fill(Number.NEGATIVE_INFINITY)),
  histograms: range ? range.min.map((low, i) => makeHistogram(low - margin, (range.max[i] ?? 0) + margin)) : [],
});

/**
 * Statistics of vectors that arrive in batches: mean, population standard deviation, and 1st and 99th percentiles from a
 * histogram of 5000 bins per dimension. Its numbers are openpi's, including where they are inexact: bins are laid over the
 * first batch, and when a later one exceeds them every dimension's counts move to new bins by their left edges (those
 * of a first bin that falls outside are lost). Give `range` to fix the bins instead; a percentile is then within one bin.
 *
 * @param dim - dimensions per vector.
 * @errors `TooFewVectors` from `statistics()` below two vectors.
 * @law with `range`, the result does not depend on how vectors are batched or ordered (sums up to rounding).
 * @source openpi `shared/normalize.py` `RunningStats` (15a9616)
 */
export const runningStats = (dim: number, options: RunningStatsOptions = {}): RunningStats => {
  const round = options.precision === 'float32' ? Math.fround : exactly;
  const state = startState(dim, options.range);
  return {
    update: (batch) => {
      if (batch.length === 0) return;
      fitHistograms(state, batch, dim);
      const [mean, meanOfSquares] = batchMeans(batch, dim, round);
      const rows = batch.length / dim;
      state.count += rows;
      if (state.count === rows) {
        state.mean.set(mean);
        state.meanOfSquares.set(meanOfSquares);
      } else {
        moveMean(state.mean, mean, rows / state.count, round);
        moveMean(state.meanOfSquares, meanOfSquares, rows / state.count, round);
      }
      state.histograms.forEach((histogram, i) => {
        for (let at = i; at < batch.length; at += dim) addTo(histogram, batch[at] ?? 0, 1);
      });
    },
    count: () => state.count,
    histogram: (i) => {
      const found = state.histograms[i];
      return found && { edges: found.edges.slice(), counts: found.counts.slice() };
    },
    statistics: () =>
      state.count < 2 ? E.left({ _tag: 'TooFewVectors', count: state.count }) : E.right(summarize(state, round)),
  };
};
