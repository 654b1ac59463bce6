import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from './error.js';
import type { EpisodeRecord } from './meta/episode-record.js';
import { type Feature, isCamera } from './meta/feature.js';
import type { DatasetInfo } from './meta/info.js';

/** Which cameras are trained without: names of camera features, or all of them. */
export type WithoutCameras = readonly string[] | 'all';

/** The cameras that remain; a name that is no camera is refused, not ignored. */
export const selectCameras = (
  features: ReadonlyMap<string, Feature>,
  without: WithoutCameras,
): E.Either<DataError, readonly string[]> => {
  const cameras = [...features].filter(([, feature]) => isCamera(feature)).map(([name]) => name);
  if (without === 'all') return E.right([]);
  const unknown = without.find((camera) => !cameras.includes(camera));
  if (unknown !== undefined) return E.left({ _tag: 'UnknownCamera', camera: unknown, cameras });
  return E.right(cameras.filter((camera) => !without.includes(camera)));
};

/** Which episodes are wanted: all without a selection, but those left out. */
export type EpisodeSelection = { readonly episodes?: readonly number[]; readonly excludeEpisodes?: readonly number[] };

/**
 * The records of the selected episodes, ascending.
 *
 * @errors `UnknownEpisode` for one that is named and not there; `EmptyDataset` where none is left.
 */
export const selectEpisodes = (
  root: string,
  records: readonly EpisodeRecord[],
  { episodes, excludeEpisodes = [] }: EpisodeSelection,
): E.Either<DataError, readonly EpisodeRecord[]> => {
  const available = new Set(records.map((record) => record.index));
  const unknown = [...(episodes ?? []), ...excludeEpisodes].find((episode) => !available.has(episode));
  if (unknown !== undefined) return E.left({ _tag: 'UnknownEpisode', episode: unknown, available: available.size });
  const chosen = new Set(episodes ?? available);
  const left = new Set(excludeEpisodes);
  const selected = records.filter(({ index }) => chosen.has(index) && !left.has(index));
  return selected.length === 0 ? E.left({ _tag: 'EmptyDataset', dir: root }) : E.right(selected);
};

/** Totals of `meta/info.json` must be those of the episodes: a dataset that was cut or half copied differs here. */
export const checkTotals = (info: DatasetInfo, records: readonly EpisodeRecord[]): E.Either<DataError, void> => {
  const frames = records.reduce((sum, record) => sum + record.length, 0);
  if (info.totalEpisodes !== records.length) {
    return E.left({
      _tag: 'CountMismatch',
      what: 'total_episodes',
      declared: info.totalEpisodes,
      counted: records.length,
    });
  }
  if (info.totalFrames !== frames) {
    return E.left({ _tag: 'CountMismatch', what: 'total_frames', declared: info.totalFrames, counted: frames });
  }
  return E.right(undefined);
};
