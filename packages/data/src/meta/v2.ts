import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { DataError } from '../error.js';
import { type EpisodeRecord, fillPath, type VideoPlace } from './episode-record.js';
import { videoCameras } from './feature.js';
import type { DatasetFormat, Described, MetaFiles } from './format.js';
import type { DatasetInfo } from './info.js';
import { decodeEpisodes, decodeTasks, type EpisodeLine } from './lines.js';
import { textOf } from './text.js';

const episodesFile = 'meta/episodes.jsonl';
const tasksFile = 'meta/tasks.jsonl';

const recordOf =
  ({ features, dataPath, videoPath, chunksSize }: DatasetInfo) =>
  (line: EpisodeLine): EpisodeRecord => {
    const at = { episode_chunk: Math.floor(line.index / chunksSize), episode_index: line.index };
    const videos = videoCameras(features).map((camera): readonly [string, VideoPlace] => [
      camera,
      { file: fillPath(videoPath ?? '', { ...at, video_key: camera }), from: 0, to: null },
    ]);
    const rows = { file: fillPath(dataPath, at), first: 0, ofFile: line.length };
    return { ...line, rows, videos: new Map(videoPath === null ? [] : videos) };
  };

const describe = (info: DatasetInfo, files: MetaFiles): E.Either<DataError, Described> =>
  pipe(
    E.Do,
    E.bind('lines', () =>
      pipe(
        textOf(episodesFile, files),
        E.flatMap((content) => decodeEpisodes(episodesFile, content)),
      ),
    ),
    E.bind('tasks', () =>
      pipe(
        textOf(tasksFile, files),
        E.flatMap((content) => decodeTasks(tasksFile, content)),
      ),
    ),
    E.map(({ lines, tasks }) => ({ records: lines.map(recordOf(info)), tasks })),
  );

/**
 * LeRobot v2.0 and v2.1: one parquet file and one video per camera for each episode. They differ in statistics, which are
 * recomputed here.
 *
 * @source LeRobot v0.3.3 `datasets/utils.py`
 */
export const v2: DatasetFormat = {
  versions: ['v2.0', 'v2.1'],
  metaFiles: [
    { path: episodesFile, purpose: 'the lengths and tasks of the episodes', kind: 'file' },
    { path: tasksFile, purpose: 'the texts of the tasks', kind: 'file' },
  ],
  describe: (info, files) => TE.fromEither(describe(info, files)),
};
