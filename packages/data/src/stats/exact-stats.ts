import * as E from 'fp-ts/lib/Either.js';
import type { Episode } from '../dataset.js';
import type { DataError } from '../error.js';
import { partsOf } from '../gaps.js';
import type { VectorStats } from './norm-stats.js';
import { quantilesOf, type Stream } from './order-statistics.js';

/** One dimension of a vector over all frames that count. */
type Moments = { readonly count: number; readonly mean: number; readonly min: number; readonly max: number };

const momentsOf = (stream: Stream): Moments => {
  let [count, sum, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  stream(({ values, weights }) => {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      const weight = weights?.[i] ?? 1;
      count += weight;
      sum += weight * value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  });
  return { count, mean: sum / count, min, max };
};

const stdOf = (stream: Stream, { count, mean, min, max }: Moments): number => {
  // A dimension that never varies has a spread of exactly 0, whatever the rounding of its mean.
  if (min === max) return 0;
  let sum = 0;
  stream(({ values, weights }) => {
    for (let i = 0; i < values.length; i++) sum += (weights?.[i] ?? 1) * ((values[i] ?? 0) - mean) ** 2;
  });
  return Math.sqrt(sum / count);
};

/** A value that deviates from 98 % of all values by more than so many times their width would be a wild number to a model. */
const wild = 100;

/**
 * The 1st and 99th percentiles; the least and greatest value where nearly all values are the same (a gripper that is closed
 * in one frame of a hundred), so that the common value never becomes a wild number. What lies far beyond the size of
 * common values is taken for damage, not for a rare value, and widens nothing.
 */
const boundsOf = (stream: Stream, { count, min, max }: Moments): readonly [number, number] => {
  const [low = min, high = max] = quantilesOf(stream, count, [0.01, 0.99]);
  const [width, range] = [high - low, max - min];
  const isNarrow = wild * width < range;
  const isRare = width === 0 || range <= wild * Math.max(Math.abs(low), Math.abs(high));
  return isNarrow && isRare ? [min, max] : [low, high];
};

/**
 * Exact statistics of vectors, a dimension at a time: mean, population standard deviation, 1st and 99th percentiles.
 *
 * @param streams - of each dimension.
 * @errors `TooFewVectors` below two vectors.
 * @law does not depend on the order of the episodes (sums up to rounding).
 */
export const exactStats = (streams: readonly Stream[]): E.Either<DataError, VectorStats> => {
  const moments = streams.map(momentsOf);
  const count = moments[0]?.count ?? 0;
  if (count < 2) return E.left({ _tag: 'TooFewVectors', count });
  const of = <A>(make: (stream: Stream, found: Moments) => A): readonly A[] =>
    streams.flatMap((stream, i) => {
      const found = moments[i];
      return found === undefined ? [] : [make(stream, found)];
    });
  const bounds = of(boundsOf);
  return E.right({
    mean: moments.map(({ mean }) => mean),
    std: of(stdOf),
    q01: bounds.map(([low]) => low),
    q99: bounds.map(([, high]) => high),
  });
};

/** Every `width`-th value from `first` on: a dimension of rows. */
const columnOf = (rows: Float32Array, width: number, first: number): Float32Array => {
  const out = new Float32Array(rows.length / width);
  for (let i = 0; i < out.length; i++) out[i] = rows[i * width + first] ?? 0;
  return out;
};

/** The states of episodes, a stream for each dimension. */
export const stateStreams = (episodes: readonly Episode[], sd: number): readonly Stream[] =>
  Array.from(
    { length: sd },
    (_, i): Stream =>
      (use) => {
        for (const { state } of episodes) use({ values: columnOf(state, sd, i) });
      },
  );

/** In how many places of windows each frame of an episode occurs: the last one in all those beyond the end too. */
const occurrences = (length: number, ah: number): Float64Array => {
  const counts = Float64Array.from({ length }, (_, frame) => Math.min(frame + 1, ah));
  let beyond = 0;
  for (let frame = 0; frame < length; frame++) beyond += Math.max(0, frame + ah - length);
  counts[length - 1] = (counts[length - 1] ?? 0) + beyond;
  return counts;
};

/** A dimension of every action of every window, minus the state at the window's first frame. */
const deltasOf = (action: Float32Array, state: Float32Array, ah: number): Float32Array => {
  const length = action.length;
  const out = new Float32Array(length * ah);
  for (let frame = 0; frame < length; frame++) {
    const from = state[frame] ?? 0;
    for (let h = 0; h < ah; h++) out[frame * ah + h] = (action[Math.min(frame + h, length - 1)] ?? 0) - from;
  }
  return out;
};

/** The actions of every window of episodes, a stream for each dimension: of motions where `isDelta` says so. */
export const actionStreams = (
  episodes: readonly Episode[],
  {
    sd,
    ad,
    ah,
    isDelta,
  }: { readonly sd: number; readonly ad: number; readonly ah: number; readonly isDelta: readonly boolean[] },
): readonly Stream[] =>
  Array.from(
    { length: ad },
    (_, i): Stream =>
      (use) => {
        for (const { action, state, length } of episodes.flatMap((episode) => partsOf(episode, { sd, ad }))) {
          const values = columnOf(action, ad, i);
          if (isDelta[i] === true) use({ values: deltasOf(values, columnOf(state, sd, i), ah) });
          else use({ values, weights: occurrences(length, ah) });
        }
      },
  );
