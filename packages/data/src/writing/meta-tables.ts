import type { Json } from '../json.js';
import { type FeatureStats, quantileNames } from './feature-stats.js';
import type { FilePlace } from './place.js';
import type { RecordedEpisode } from './recorded.js';
import { type CameraSpec, type ColumnSpec, countingColumns, isCameraSpec, type Layout } from './spec.js';
import { type TableColumn, writeTable } from './table.js';

const statKeys = ['min', 'max', 'mean', 'std', 'count', ...quantileNames] as const;

/** Features that have statistics: all but texts. */
export const measuredFeatures = ({ features }: Layout): readonly (ColumnSpec | CameraSpec)[] => [
  ...features.filter(({ dtype }) => dtype !== 'string'),
  ...countingColumns,
];

/** Colours lie along the first of three axes, as in a picture `[3, h, w]`. */
const shaped = (feature: ColumnSpec | CameraSpec, values: readonly number[]): Json =>
  isCameraSpec(feature) ? values.map((value) => [[value]]) : values;

const statsColumns = (feature: ColumnSpec | CameraSpec, episodes: readonly RecordedEpisode[]): readonly TableColumn[] =>
  statKeys.map((stat): TableColumn => {
    const name = `stats/${feature.name}/${stat}`;
    const each = (value: (stats: FeatureStats) => unknown): unknown[] =>
      episodes.map(({ stats }) => {
        const found = stats[feature.name];
        return found === undefined ? null : value(found);
      });
    return stat === 'count'
      ? { name, type: 'int', depth: 1, data: each((stats) => [BigInt(stats.count)]) }
      : {
          name,
          type: 'double',
          depth: isCameraSpec(feature) ? 3 : 1,
          data: each((stats) => shaped(feature, stats[stat])),
        };
  });

const videoColumns = ({ name }: CameraSpec, episodes: readonly RecordedEpisode[]): readonly TableColumn[] => {
  const column = (
    field: string,
    type: 'int' | 'double',
    of: (video: RecordedEpisode['videos'][string]) => unknown,
  ): TableColumn => ({
    name: `videos/${name}/${field}`,
    type,
    depth: 0,
    data: episodes.map(({ videos }) => {
      const video = videos[name];
      return video === undefined ? null : of(video);
    }),
  });
  return [
    column('chunk_index', 'int', ({ chunk }) => BigInt(chunk)),
    column('file_index', 'int', ({ file }) => BigInt(file)),
    column('from_timestamp', 'double', ({ from }) => from),
    column('to_timestamp', 'double', ({ to }) => to),
  ];
};

/** Where the rows of some episodes in a row lie, and where the lines about them. */
export type EpisodesPlace = {
  readonly data: FilePlace;
  readonly episodes: FilePlace;
  /** Frames of all episodes before them. */
  readonly from: number;
};

/**
 * A file of `meta/episodes`: a line for each episode.
 *
 * @source LeRobot 0.6.1 `datasets/dataset_metadata.py` `save_episode`
 */
export const episodesTable = (
  layout: Layout,
  episodes: readonly RecordedEpisode[],
  { data, episodes: own, from }: EpisodesPlace,
): Uint8Array => {
  const ends: number[] = [];
  for (const { length } of episodes) ends.push((ends.at(-1) ?? from) + length);
  const ints = (name: string, of: (episode: RecordedEpisode, i: number) => number): TableColumn => ({
    name,
    type: 'int',
    depth: 0,
    data: episodes.map((episode, i) => BigInt(of(episode, i))),
  });
  const videos = layout.cameras.filter(({ dtype }) => dtype === 'video');
  const texts = episodes.map(({ tasks }) => tasks.map(([, task]) => task));
  return writeTable(
    [
      ints('episode_index', ({ index }) => index),
      { name: 'tasks', type: 'text', depth: 1, data: texts },
      ints('length', ({ length }) => length),
      ints('data/chunk_index', () => data.chunk),
      ints('data/file_index', () => data.file),
      ints('dataset_from_index', ({ length }, i) => (ends[i] ?? 0) - length),
      ints('dataset_to_index', (_, i) => ends[i] ?? 0),
      ...videos.flatMap((camera) => videoColumns(camera, episodes)),
      ...measuredFeatures(layout).flatMap((feature) => statsColumns(feature, episodes)),
      ints('meta/episodes/chunk_index', () => own.chunk),
      ints('meta/episodes/file_index', () => own.file),
    ],
    [],
  );
};

const pandasColumn = (name: string, pandasType: string, numpyType: string): Json => ({
  name,
  field_name: name,
  pandas_type: pandasType,
  numpy_type: numpyType,
  metadata: null,
});

/** What pandas reads the index of a table from. */
const pandas = JSON.stringify({
  index_columns: ['task'],
  column_indexes: [
    { name: null, field_name: null, pandas_type: 'unicode', numpy_type: 'object', metadata: { encoding: 'UTF-8' } },
  ],
  columns: [pandasColumn('task_index', 'int64', 'int64'), pandasColumn('task', 'unicode', 'object')],
  attributes: {},
  creator: { library: 'torsor', version: '1' },
  pandas_version: '2.3.3',
});

/**
 * `meta/tasks.parquet`: the text of a task is the index of a pandas table.
 *
 * @param tasks - texts in the order of their numbers.
 * @source LeRobot 0.6.1 `datasets/io_utils.py` `write_tasks`
 */
export const tasksTable = (tasks: readonly string[]): Uint8Array =>
  writeTable(
    [
      { name: 'task_index', type: 'int', depth: 0, data: tasks.map((_, i) => BigInt(i)) },
      { name: 'task', type: 'text', depth: 0, data: tasks },
    ],
    [{ key: 'pandas', value: pandas }],
  );

/** `meta/stats.json`: statistics by feature. @source LeRobot 0.6.1 `datasets/io_utils.py` `write_stats` */
export const statsJson = (layout: Layout, stats: ReadonlyMap<string, FeatureStats>): Json =>
  Object.fromEntries(
    measuredFeatures(layout).flatMap((feature) => {
      const found = stats.get(feature.name);
      if (found === undefined) return [];
      const entries = statKeys.map((key) => [key, key === 'count' ? [found.count] : shaped(feature, found[key])]);
      return [[feature.name, Object.fromEntries(entries)]];
    }),
  );
