import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { KeyValue } from 'hyparquet';
import type { DataError } from '../error.js';
import type { JsonObject } from '../json.js';
import { statsOfCamera } from './camera-stats.js';
import { countedValues, dataColumns, dataMetadata } from './data-table.js';
import type { CheckedEpisode } from './episode.js';
import { type FeatureStats, statsOfRows } from './feature-stats.js';
import { pixelsOf } from './frames.js';
import { measuredFeatures } from './meta-tables.js';
import { type FilePlace, nextPlace } from './place.js';
import { type RecordedEpisode, recordMetadata } from './recorded.js';
import { isCameraSpec, type Layout } from './spec.js';
import { writeTable } from './table.js';

/** An episode whose rows are on the disk, in a file of their own until there are enough for a data file. */
export type Waiting = { readonly record: RecordedEpisode; readonly bytes: number };

/** What is written so far. */
export type Recording = {
  readonly dir: string;
  readonly layout: Layout;
  /** `meta/info.json` as it was last written. */
  readonly info: JsonObject;
  readonly dataPath: string;
  readonly videoPath: string;
  /** Episodes and frames that `meta/info.json` counts. */
  readonly episodes: number;
  readonly frames: number;
  /** Texts in the order of their numbers, those of waiting episodes too. */
  readonly tasks: readonly string[];
  /** The last data file, and the last one of `meta/episodes`. */
  readonly data: FilePlace | undefined;
  readonly table: FilePlace | undefined;
  /** The last video of each camera. */
  readonly videos: ReadonlyMap<string, FilePlace>;
  readonly waiting: readonly Waiting[];
};

/** The number of the next episode. */
export const nextEpisode = ({ episodes, waiting }: Recording): number => episodes + waiting.length;

/** The number in the dataset of the next episode's first frame. */
export const nextFrame = ({ frames, waiting }: Recording): number =>
  waiting.reduce((sum, { record }) => sum + record.length, frames);

/** Whether a data file of the waiting episodes and another one would be too large. Every footer is counted: theirs is smaller. */
export const isFull = ({ layout: { limits }, waiting }: Recording, bytes: number): boolean =>
  waiting.length > 0 &&
  waiting.reduce((sum, episode) => sum + episode.bytes, bytes) > limits.dataFilesSizeInMb * 2 ** 20;

/** The place of an episode's videos: every episode has one of its own for each camera. */
export const videoPlaces = ({
  layout: { cameras, limits },
  videos,
}: Pick<Recording, 'layout' | 'videos'>): ReadonlyMap<string, FilePlace> =>
  new Map(
    cameras
      .filter(({ dtype }) => dtype === 'video')
      .map(({ name }) => [name, nextPlace(videos.get(name), limits.chunksSize)]),
  );

/** The recording with one more episode on the disk. */
export const withEpisode = (recording: Recording, episode: Waiting): Recording => {
  const { record } = episode;
  const tasks = [...recording.tasks];
  for (const [index, task] of record.tasks) tasks[index] = task;
  const videos = Object.entries(record.videos).map(([camera, { chunk, file }]) => [camera, { chunk, file }] as const);
  return {
    ...recording,
    tasks,
    videos: new Map([...recording.videos, ...videos]),
    waiting: [...recording.waiting, episode],
  };
};

/** The tasks of an episode by their numbers: new ones follow those of the dataset. */
const numberTasks = (tasks: readonly string[], known: readonly string[]): readonly (readonly [number, string])[] => {
  const all = [...known];
  return [...new Set(tasks)].map((task) => {
    const found = all.indexOf(task);
    return [found < 0 ? all.push(task) - 1 : found, task] as const;
  });
};

/** An episode as it goes to the disk. */
export type LaidOut = { readonly record: RecordedEpisode; readonly bytes: Uint8Array };

const statsOf = (
  { dir, layout }: Recording,
  episode: CheckedEpisode,
  values: ReadonlyMap<string, ArrayLike<number> | readonly string[]>,
): E.Either<DataError, Readonly<Record<string, FeatureStats>>> =>
  pipe(
    measuredFeatures(layout),
    E.traverseArray((feature) => {
      const { name } = feature;
      const place = { dir, episode: episode.index };
      const found = isCameraSpec(feature)
        ? statsOfCamera(episode.length, feature, (frame) =>
            pixelsOf(place, feature, episode.cameras.get(name) ?? [], frame),
          )
        : E.right(statsOfRows((values.get(name) ?? []) as ArrayLike<number>, feature.width));
      return E.map((stats: FeatureStats) => [name, stats] as const)(found);
    }),
    E.map((entries) => Object.fromEntries(entries)),
  );

/**
 * Lays an episode out as rows of the dataset, with what the metadata will say of it. Its videos are not encoded here.
 *
 * @returns a parquet file of one row group, which carries the record too.
 * @errors `UndecodablePicture`.
 * @source LeRobot 0.6.1 `datasets/dataset_writer.py` `save_episode`
 */
export const layOut = (recording: Recording, episode: CheckedEpisode): E.Either<DataError, LaidOut> => {
  const { layout } = recording;
  const tasks = numberTasks(episode.tasks, recording.tasks);
  const counted = countedValues(episode, nextFrame(recording), new Map(tasks.map(([index, task]) => [task, index])));
  const videos = [...videoPlaces(recording)].map(
    ([camera, place]) => [camera, { ...place, from: 0, to: episode.length / layout.fps }] as const,
  );
  return pipe(
    statsOf(recording, episode, new Map([...episode.columns, ...counted])),
    E.map((stats) => {
      const record: RecordedEpisode = {
        index: episode.index,
        length: episode.length,
        tasks: tasks.map(([index, task]) => [index, task]),
        stats: Object.fromEntries(Object.entries(stats).map(([name, of]) => [name, { ...of }])),
        videos: Object.fromEntries(videos),
      };
      const metadata: KeyValue[] = [...dataMetadata(layout), recordMetadata(record)];
      return { record, bytes: writeTable(dataColumns(layout, episode, counted), metadata) };
    }),
  );
};
