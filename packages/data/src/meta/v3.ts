import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as NEA from 'fp-ts/lib/NonEmptyArray.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as z from 'zod';
import type { DataError } from '../error.js';
import type { JsonObject } from '../json.js';
import { readRecords } from '../parquet/records.js';
import { type EpisodeRecord, fillPath, sortedRecords, type VideoPlace } from './episode-record.js';
import { videoCameras } from './feature.js';
import { atLeastOne, count, decode, invalid, seconds, text, texts } from './field.js';
import type { DatasetFormat, Described, MetaFiles } from './format.js';
import type { DatasetInfo } from './info.js';

const tasksFile = 'meta/tasks.parquet';
const episodesFolder = 'meta/episodes';

const bytesOf = (path: string, files: MetaFiles): Uint8Array<ArrayBuffer> => files.get(path) ?? new Uint8Array();

/** The text of a task is the index of a pandas table: LeRobot 0.6 names it, 0.4 does not. */
const taskTexts = ['task', '__index_level_0__'];

const decodeTask = (row: number, record: JsonObject): E.Either<DataError, readonly [number, string]> => {
  const task = taskTexts.map((key) => record[key]).find((found) => found !== undefined);
  return pipe(
    decode({ file: tasksFile, row }, z.object({ task_index: count, task: text }), { ...record, task: task ?? null }),
    E.map((found) => [found.task_index, found.task] as const),
  );
};

const decodeTasks = (files: MetaFiles): TE.TaskEither<DataError, ReadonlyMap<number, string>> =>
  pipe(
    readRecords(tasksFile, bytesOf(tasksFile, files), { required: ['task_index'], optional: taskTexts }),
    TE.flatMapEither((records) =>
      pipe(
        [...records.entries()],
        E.traverseArray(([row, record]) => decodeTask(row, record)),
      ),
    ),
    TE.map((tasks) => new Map(tasks)),
  );

/** An episode, and which rows of the whole dataset it is. */
type Placed = Pick<EpisodeRecord, 'index' | 'length' | 'tasks' | 'videos'> & {
  readonly file: string;
  readonly from: number;
};

const episodeFields = {
  episode_index: count,
  length: atLeastOne,
  tasks: texts,
  'data/chunk_index': count,
  'data/file_index': count,
  dataset_from_index: count,
  dataset_to_index: count,
};

const videoFields = { chunk_index: count, file_index: count, from_timestamp: seconds, to_timestamp: seconds };

const videoKey = (camera: string, field: string): string => `videos/${camera}/${field}`;

const decodeVideo = (
  source: { readonly file: string; readonly row: number },
  { videoPath }: DatasetInfo,
  record: JsonObject,
  camera: string,
): E.Either<DataError, readonly [string, VideoPlace]> => {
  const entries = Object.keys(videoFields).map((field) => [field, record[videoKey(camera, field)] ?? null] as const);
  return pipe(
    decode(source, z.object(videoFields), Object.fromEntries(entries), ['videos', camera]),
    E.flatMap(({ from_timestamp: from, to_timestamp: to, ...place }) =>
      to > from
        ? E.right([camera, { file: fillPath(videoPath ?? '', { ...place, video_key: camera }), from, to }] as const)
        : E.left(invalid(source, videoKey(camera, 'to_timestamp'), `after from_timestamp = ${from}`, to)),
    ),
  );
};

const decodeEpisode = (
  source: { readonly file: string; readonly row: number },
  info: DatasetInfo,
  cameras: readonly string[],
  record: JsonObject,
): E.Either<DataError, Placed> =>
  pipe(
    E.Do,
    E.bind('said', () => decode(source, z.object(episodeFields), record)),
    E.tap(({ said: { length, dataset_from_index: from, dataset_to_index: to } }) =>
      to - from === length
        ? E.right(undefined)
        : E.left(invalid(source, 'dataset_to_index', `dataset_from_index + length = ${from + length}`, to)),
    ),
    E.bind('videos', () =>
      pipe(
        cameras,
        E.traverseArray((camera) => decodeVideo(source, info, record, camera)),
      ),
    ),
    E.map(({ said, videos }) => ({
      index: said.episode_index,
      length: said.length,
      tasks: said.tasks,
      file: fillPath(info.dataPath, { chunk_index: said['data/chunk_index'], file_index: said['data/file_index'] }),
      from: said.dataset_from_index,
      videos: new Map(videos),
    })),
  );

/** Episodes of one file, in the order of their rows, as parts of it: they follow one another without a gap. */
const partsOf = (file: string, episodes: readonly Placed[]): E.Either<DataError, readonly EpisodeRecord[]> => {
  const sorted = episodes.toSorted((a, b) => a.from - b.from);
  const ofFile = sorted.reduce((sum, { length }) => sum + length, 0);
  const records: EpisodeRecord[] = [];
  let first = 0;
  for (const { from, file: path, ...record } of sorted) {
    const expected = (sorted[0]?.from ?? 0) + first;
    if (from !== expected) {
      const what = `${expected} for episode ${record.index}, whose rows follow in ${path}`;
      return E.left(invalid({ file }, 'dataset_from_index', what, from));
    }
    records.push({ ...record, rows: { file: path, first, ofFile } });
    first += record.length;
  }
  return E.right(records);
};

const recordsOf = (placed: readonly Placed[]): E.Either<DataError, readonly EpisodeRecord[]> =>
  pipe(
    Object.values(NEA.groupBy(({ file }: Placed) => file)([...placed])),
    E.traverseArray((episodes) => partsOf(episodesFolder, episodes)),
    E.flatMap((records) => sortedRecords(episodesFolder, records.flat())),
  );

const decodeEpisodes = (info: DatasetInfo, files: MetaFiles): TE.TaskEither<DataError, readonly EpisodeRecord[]> => {
  const cameras = videoCameras(info.features);
  const ofVideos = cameras.flatMap((camera) => Object.keys(videoFields).map((field) => videoKey(camera, field)));
  const paths = [...files.keys()].filter((path) => path.startsWith(`${episodesFolder}/`));
  const columns = { required: Object.keys(episodeFields), optional: ofVideos };
  return pipe(
    paths,
    TE.traverseSeqArray((file) =>
      pipe(
        readRecords(file, bytesOf(file, files), columns),
        TE.flatMapEither((records) =>
          pipe(
            [...records.entries()],
            E.traverseArray(([row, record]) => decodeEpisode({ file, row }, info, cameras, record)),
          ),
        ),
      ),
    ),
    TE.flatMapEither((episodes) => recordsOf(episodes.flat())),
  );
};

const describe = (info: DatasetInfo, files: MetaFiles): TE.TaskEither<DataError, Described> =>
  pipe(
    TE.Do,
    TE.bind('records', () => decodeEpisodes(info, files)),
    TE.bind('tasks', () => decodeTasks(files)),
  );

/**
 * LeRobot v3.0: many episodes in a parquet file and in a video; metadata in parquet.
 *
 * @source LeRobot 0.6.1 `datasets/{dataset_metadata,io_utils,utils}.py`
 */
export const v3: DatasetFormat = {
  versions: ['v3.0'],
  metaFiles: [
    { path: episodesFolder, purpose: 'the lengths, tasks and places of the episodes', kind: 'folder' },
    { path: tasksFile, purpose: 'the texts of the tasks', kind: 'file' },
  ],
  describe,
};
