import type { Episode } from '@torsor/data';

/** Values kept of each side of each dimension: enough to tell a slip of a sensor from a motion, which lasts longer. */
export const keptExtremes = 16;

/** A value, and where it is. */
export type Extreme = { readonly value: number; readonly episode: number; readonly frame: number };

/** The outermost values of each dimension. */
export type Extremes = {
  readonly add: (episode: Pick<Episode, 'index'>, rows: Float32Array) => void;
  /** The 16 largest, descending; fewer where there are no more values. */
  readonly highest: (dim: number) => readonly Extreme[];
  /** The 16 smallest, ascending. */
  readonly lowest: (dim: number) => readonly Extreme[];
};

type Side = {
  readonly add: (episode: number, rows: Float32Array) => void;
  readonly of: (dim: number) => readonly Extreme[];
};

/** The largest of `sign · x`. */
const side = (width: number, sign: 1 | -1): Side => {
  const values = new Float64Array(width * keptExtremes).fill(Number.NEGATIVE_INFINITY);
  const episodes = new Int32Array(values.length);
  const frames = new Int32Array(values.length);
  const insert = (first: number, value: number, episode: number, frame: number): void => {
    let at = first + keptExtremes - 1;
    for (; at > first && (values[at - 1] ?? 0) < value; at--) {
      values[at] = values[at - 1] ?? 0;
      episodes[at] = episodes[at - 1] ?? 0;
      frames[at] = frames[at - 1] ?? 0;
    }
    values[at] = value;
    episodes[at] = episode;
    frames[at] = frame;
  };
  return {
    add: (episode, rows) => {
      for (let dim = 0; dim < width; dim++) {
        const first = dim * keptExtremes;
        const last = first + keptExtremes - 1;
        let least = values[last] ?? 0;
        for (let at = dim, frame = 0; at < rows.length; at += width, frame++) {
          const value = sign * (rows[at] ?? 0);
          if (value > least) {
            insert(first, value, episode, frame);
            least = values[last] ?? 0;
          }
        }
      }
    },
    of: (dim) =>
      Array.from({ length: keptExtremes }, (_, i) => dim * keptExtremes + i)
        .filter((at) => values[at] !== Number.NEGATIVE_INFINITY)
        .map((at) => ({ value: sign * (values[at] ?? 0), episode: episodes[at] ?? 0, frame: frames[at] ?? 0 })),
  };
};

/**
 * The outermost values of rows, each with its place; of equal ones the first.
 *
 * @law the first of `highest` is the maximum, the first of `lowest` the minimum.
 */
export const extremes = (width: number): Extremes => {
  const [high, low] = [side(width, 1), side(width, -1)];
  return {
    add: ({ index }, rows) => {
      high.add(index, rows);
      low.add(index, rows);
    },
    highest: high.of,
    lowest: low.of,
  };
};
