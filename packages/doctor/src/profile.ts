import type { Episode } from '@torsor/data';
import type { VectorView } from './check.js';
import { type Extreme, extremes } from './extremes.js';
import { quantile, thinned } from './thinned.js';

/** What the values of a dimension are like. */
export type DimensionProfile = {
  readonly name: string;
  /** Frames. */
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly std: number;
  /** Of every value, or of 8,192 or more evenly spread ones. */
  readonly q01: number;
  readonly median: number;
  readonly q99: number;
  readonly highest: readonly Extreme[];
  readonly lowest: readonly Extreme[];
};

/** Sums up the rows of a vector. */
export type Profile = {
  readonly add: (episode: Episode) => void;
  readonly dimensions: () => readonly DimensionProfile[];
};

/** Sums of `x − first` and of its square: near a constant nothing cancels. */
const moments = (width: number) => {
  const [first, sums, squares] = [new Float64Array(width), new Float64Array(width), new Float64Array(width)];
  let count = 0;
  const addColumn = (rows: Float32Array, dim: number): void => {
    const origin = first[dim] ?? 0;
    let [sum, square] = [0, 0];
    for (let at = dim; at < rows.length; at += width) {
      const x = (rows[at] ?? 0) - origin;
      sum += x;
      square += x * x;
    }
    sums[dim] = (sums[dim] ?? 0) + sum;
    squares[dim] = (squares[dim] ?? 0) + square;
  };
  return {
    add: (rows: Float32Array): void => {
      if (count === 0) first.set(rows.subarray(0, width));
      count += rows.length / width;
      for (let dim = 0; dim < width; dim++) addColumn(rows, dim);
    },
    of: (dim: number): { readonly count: number; readonly mean: number; readonly std: number } => {
      const shift = (sums[dim] ?? 0) / count;
      const variance = (squares[dim] ?? 0) / count - shift * shift;
      return { count, mean: (first[dim] ?? 0) + shift, std: Math.sqrt(Math.max(0, variance)) };
    },
  };
};

/** An empty profile of a vector. */
export const profile = ({ names, rowsOf }: VectorView): Profile => {
  const width = names.length;
  const [sample, outermost, sums] = [thinned(width), extremes(width), moments(width)];
  return {
    add: (episode) => {
      const rows = rowsOf(episode);
      sample.add(rows);
      outermost.add(episode, rows);
      sums.add(rows);
    },
    dimensions: () =>
      names.map((name, dim) => {
        const sorted = sample.sorted(dim);
        const [highest, lowest] = [outermost.highest(dim), outermost.lowest(dim)];
        return {
          name,
          ...sums.of(dim),
          min: lowest[0]?.value ?? Number.NaN,
          max: highest[0]?.value ?? Number.NaN,
          q01: quantile(sorted, 0.01),
          median: quantile(sorted, 0.5),
          q99: quantile(sorted, 0.99),
          highest,
          lowest,
        };
      }),
  };
};
