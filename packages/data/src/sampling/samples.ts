import * as E from 'fp-ts/lib/Either.js';
import type { Dataset, Episode } from '../dataset.js';
import type { DataError } from '../error.js';

/** The frames that can be trained on: every frame of some episodes, numbered from 0 in their order. */
export type Samples = {
  readonly dataset: Dataset;
  readonly episodes: readonly Episode[];
  /** First sample of each episode, and the number of samples at the end: `episodes + 1` entries. */
  readonly starts: Int32Array;
  /** Number of samples. */
  readonly count: number;
};

/**
 * Numbers the frames of episodes.
 *
 * @param indices - episode indices (of `episode_index`, not positions); all episodes of the dataset without it.
 * @errors `UnknownEpisode` for one that the dataset does not hold, `EmptyDataset` for none.
 */
export const samplesOf = (dataset: Dataset, indices?: readonly number[]): E.Either<DataError, Samples> => {
  const byIndex = new Map(dataset.episodes.map((episode) => [episode.index, episode]));
  const episodes: Episode[] = [];
  for (const index of indices ?? byIndex.keys()) {
    const episode = byIndex.get(index);
    if (!episode) return E.left({ _tag: 'UnknownEpisode', episode: index, available: byIndex.size });
    episodes.push(episode);
  }
  if (episodes.length === 0) return E.left({ _tag: 'EmptyDataset', dir: dataset.root });
  const starts = new Int32Array(episodes.length + 1);
  episodes.forEach((episode, i) => {
    starts[i + 1] = (starts[i] ?? 0) + episode.length;
  });
  return E.right({ dataset, episodes, starts, count: starts[episodes.length] ?? 0 });
};

/** A sample: an episode and a frame of it. */
export type Sample = {
  readonly episode: Episode;
  readonly frame: number;
};

/**
 * The sample of a number.
 *
 * @errors `SampleOutOfRange`
 */
export const sampleAt = (samples: Samples, index: number): E.Either<DataError, Sample> => {
  if (!Number.isInteger(index) || index < 0 || index >= samples.count) {
    return E.left({ _tag: 'SampleOutOfRange', index, samples: samples.count });
  }
  let low = 0;
  let high = samples.episodes.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((samples.starts[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  const episode = samples.episodes[low];
  const frame = index - (samples.starts[low] ?? 0);
  return episode ? E.right({ episode, frame }) : E.left({ _tag: 'SampleOutOfRange', index, samples: samples.count });
};
