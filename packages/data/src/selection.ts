import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from './error.js';
import { type Feature, isCamera } from './meta/feature.js';
import type { DatasetInfo } from './meta/info.js';
import type { EpisodeRecord } from './meta/tables.js';

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

/** The records of the selected episodes, ascending; all of them without a selection. */
export const selectEpisodes = (
  root: string,
  records: readonly EpisodeRecord[],
  wanted: readonly number[] | undefined,
): E.Either<DataError, readonly EpisodeRecord[]> => {
  const chosen = wanted === undefined ? undefined : new Set(wanted);
  const available = new Set(records.map((record) => record.index));
  for (const episode of chosen ?? []) {
    if (!available.has(episode)) return E.left({ _tag: 'UnknownEpisode', episode, available: available.size });
  }
  const selected = chosen ? records.filter((record) => chosen.has(record.index)) : records;
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

/** A vector feature that training needs. */
export const requireVector = (
  file: string,
  features: ReadonlyMap<string, Feature>,
  name: string,
): E.Either<DataError, Feature> => {
  const feature = features.get(name);
  if (!feature) return E.left({ _tag: 'MissingFeature', file, feature: name, present: [...features.keys()] });
  const [width = 0] = feature.shape;
  if (feature.shape.length !== 1 || width === 0) {
    const found = JSON.stringify(feature.shape);
    return E.left({
      _tag: 'InvalidField',
      file,
      field: `features.${name}.shape`,
      expected: 'one dimension, 1 or more wide',
      found,
    });
  }
  return E.right(feature);
};
