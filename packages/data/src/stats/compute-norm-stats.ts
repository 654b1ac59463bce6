import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Dataset, Episode } from '../dataset.js';
import type { DataError } from '../error.js';
import { partsOf } from '../gaps.js';
import { type Samples, samplesOf } from '../sampling/samples.js';
import type { DeltaMask } from '../transforms/delta.js';
import { actionStreams, exactStats, stateStreams } from './exact-stats.js';
import type { NormStats, VectorStats } from './norm-stats.js';
import { type Range, runningStats } from './running-stats.js';

/** What the actions of a training window are. */
export type NormStatsSpec = {
  /** Actions per window `ah`. */
  readonly actionHorizon: number;
  /** Dimensions that become deltas against the state; all absolute without it. */
  readonly deltaMask?: DeltaMask;
  /** How percentiles are found: `exact`, or from openpi's `histogram` of 5000 bins. `exact` without it. */
  readonly quantiles?: 'exact' | 'histogram';
};

/** Flat vectors of one episode, `[n, dim]`. */
type Vectors = (episode: Pick<Episode, 'length' | 'state' | 'action'>) => Float32Array;

/** Subtracts a state row from each of the actions, `[n, ad]`, in the dimensions that are deltas. */
const subtractState = (actions: Float32Array, ad: number, state: Float32Array, deltas: readonly number[]): void => {
  for (let row = 0; row < actions.length; row += ad) {
    for (const i of deltas) actions[row + i] = (actions[row + i] ?? 0) - (state[i] ?? 0);
  }
};

/** Every action of every window of an episode, clamped at its end, as a training step would see it before normalization. */
const windowActions =
  (sd: number, ad: number, spec: NormStatsSpec): Vectors =>
  ({ length, state, action }) => {
    const { actionHorizon: ah, deltaMask = [] } = spec;
    const deltas = deltaMask.flatMap((isDelta, i) => (isDelta ? [i] : []));
    const out = new Float32Array(length * ah * ad);
    const last = action.subarray((length - 1) * ad);
    for (let frame = 0; frame < length; frame++) {
      const window = out.subarray(frame * ah * ad, (frame + 1) * ah * ad);
      const real = Math.min(ah, length - frame);
      window.set(action.subarray(frame * ad, (frame + real) * ad));
      for (let h = real; h < ah; h++) window.set(last, h * ad);
      subtractState(window, ad, state.subarray(frame * sd, (frame + 1) * sd), deltas);
    }
    return out;
  };

const widen = (min: Float64Array, max: Float64Array, values: Float32Array): void => {
  const dim = min.length;
  for (let i = 0; i < dim; i++) {
    let low = min[i] ?? 0;
    let high = max[i] ?? 0;
    for (let at = i; at < values.length; at += dim) {
      low = Math.min(low, values[at] ?? 0);
      high = Math.max(high, values[at] ?? 0);
    }
    min[i] = low;
    max[i] = high;
  }
};

const rangeOf = (episodes: readonly Parameters<Vectors>[0][], dim: number, vectors: Vectors): Range => {
  const min = new Float64Array(dim).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(dim).fill(Number.NEGATIVE_INFINITY);
  for (const episode of episodes) widen(min, max, vectors(episode));
  return { min: [...min], max: [...max] };
};

/** Two passes, so that bins are fixed before anything is counted. A dimension that never varies has a std of exactly 0. */
const statsOf = (
  episodes: readonly Parameters<Vectors>[0][],
  dim: number,
  vectors: Vectors,
): E.Either<DataError, VectorStats> => {
  const range = rangeOf(episodes, dim, vectors);
  const stats = runningStats(dim, { range });
  for (const episode of episodes) stats.update(vectors(episode));
  return E.map((found: VectorStats) => ({
    ...found,
    std: found.std.map((std, i) => (range.min[i] === range.max[i] ? 0 : std)),
  }))(stats.statistics());
};

const exactly = ({ dataset, episodes }: Samples, spec: NormStatsSpec): E.Either<DataError, NormStats> => {
  const [sd, ad] = [dataset.stateNames.length, dataset.actionNames.length];
  const { actionHorizon: ah, deltaMask: isDelta = [] } = spec;
  return pipe(
    E.Do,
    E.bind('state', () => exactStats(stateStreams(episodes, sd))),
    E.bind('actions', () => exactStats(actionStreams(episodes, { sd, ad, ah, isDelta }))),
  );
};

const byHistogram = (samples: Samples, spec: NormStatsSpec): E.Either<DataError, NormStats> => {
  const sd = samples.dataset.stateNames.length;
  const ad = samples.dataset.actionNames.length;
  const state = statsOf(samples.episodes, sd, (episode) => episode.state);
  if (E.isLeft(state)) return state;
  const parts = samples.episodes.flatMap((episode) => partsOf(episode, { sd, ad }));
  const actions = statsOf(parts, ad, windowActions(sd, ad, spec));
  return E.isLeft(actions) ? actions : E.right({ state: state.right, actions: actions.right });
};

/**
 * Normalization statistics of some episodes (the training ones: held-out episodes must not leak into them), from their
 * states and actions alone; no picture is decoded.
 *
 * As in openpi, states count once per frame and actions once per window they occur in: the chunk of every frame, with the
 * last action repeated beyond the episode's end, after the delta transform. Unlike openpi's pass over shuffled batches,
 * all frames count (openpi drops the last partial batch) and sums are float64. Percentiles are exact (between two values as
 * numpy takes them), and the least and greatest value where nearly all values are the same. With `quantiles: 'histogram'`
 * they are those of openpi's 5000 bins, fixed over the whole range first: within 1/5000 of it, whatever the order.
 *
 * @param episodes - episode indices to use.
 * @errors `UnknownEpisode`, `EmptyDataset`, `TooFewVectors`; `ShapeMismatch` for a horizon below 1 or a mask longer than state or action.
 * @source openpi `scripts/compute_norm_stats.py` (15a9616)
 */
export const computeNormStats = (
  dataset: Dataset,
  episodes: readonly number[],
  spec: NormStatsSpec,
): E.Either<DataError, NormStats> => {
  const most = Math.min(dataset.stateNames.length, dataset.actionNames.length);
  const mask = spec.deltaMask?.length ?? 0;
  if (mask > most) {
    const found = `${mask} long`;
    return E.left({
      _tag: 'ShapeMismatch',
      what: 'The mask of delta actions',
      expected: `at most ${most} long`,
      found,
    });
  }
  if (!Number.isInteger(spec.actionHorizon) || spec.actionHorizon < 1) {
    const found = String(spec.actionHorizon);
    return E.left({ _tag: 'ShapeMismatch', what: 'actionHorizon', expected: 'a whole number, 1 or more', found });
  }
  const statsOfSamples = spec.quantiles === 'histogram' ? byHistogram : exactly;
  return E.flatMap((samples: Samples) => statsOfSamples(samples, spec))(samplesOf(dataset, episodes));
};
