import { join } from 'node:path';
import { type FileSystem, nodeFileSystem, wholeDirectory, wholeFile } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { decodeInfo } from '../meta/info.js';
import { joinCameraStats } from '../writing/camera-stats.js';
import type { NewEpisode } from '../writing/episode.js';
import type { WriteError } from '../writing/error.js';
import { emptyInfo, showJson } from '../writing/info.js';
import { statsJson } from '../writing/meta-tables.js';
import { templates } from '../writing/place.js';
import { isFull, nextEpisode, type Recording } from '../writing/recording.js';
import { checkSpec, type DatasetSpec, type Layout } from '../writing/spec.js';
import { commit, removeWaiting } from './commit.js';
import { measureDataset } from './measure-dataset.js';
import { readCounted, readRecording } from './read-recording.js';
import { prepareEpisode, putEpisode, type VideoEncoder } from './record-episode.js';
import { type Disk, infoFile, namesIn, removeFile, statsFile, waitingFolder, writeWhole } from './recording-files.js';

/** What a writer is given. */
export type WriteOptions = {
  /** Encodes the features of dtype `video`; needed where there are some. */
  readonly video?: VideoEncoder;
  /** The machine's disk without it. */
  readonly fileSystem?: FileSystem;
};

/** Writes the episodes of one dataset, one after another: what is asked for while another episode is written waits for it. */
export type DatasetWriter = {
  /**
   * Writes an episode, durably: once it has answered, the episode outlives the process. Readers see it when its data file is full,
   * or at `close`.
   *
   * @returns the episode's number.
   * @errors `InvalidEpisode`, `NonFiniteValue`, `WrongPictureSize`, `UndecodablePicture`, `VideoNotEncoded`, `WriterClosed`,
   * `CannotWrite`. The episode is then not written, and the writer goes on.
   */
  readonly addEpisode: (episode: NewEpisode) => TE.TaskEither<WriteError, number>;
  /**
   * Makes data files of the episodes that wait, and measures the whole dataset for `meta/stats.json`. A second time does nothing.
   *
   * @errors `CannotWrite`, `CannotRead`; it can be tried again.
   */
  readonly close: () => TE.TaskEither<WriteError, void>;
};

/** Lets one effect after another run, in the order in which they began. */
const inTurn = (): (<X, A>(effect: TE.TaskEither<X, A>) => TE.TaskEither<X, A>) => {
  let last: Promise<unknown> = Promise.resolve();
  return (effect) => () => {
    const run = last.then(effect);
    last = run.catch(() => undefined);
    return run;
  };
};

/** Writes `meta/stats.json` of all episodes, unless it is there: whoever adds episodes removes it. */
const measure = (disk: Disk, { layout, info, episodes }: Recording): TE.TaskEither<WriteError, void> =>
  pipe(
    namesIn(disk, 'meta'),
    TE.flatMap((names): TE.TaskEither<WriteError, void> => {
      if (episodes === 0 || names?.includes('stats.json')) return TE.right(undefined);
      return pipe(
        TE.fromEither(decodeInfo({ file: infoFile }, info)),
        TE.flatMap((decoded): ReturnType<typeof readCounted> => readCounted(disk, layout, decoded)),
        TE.bindTo('counted'),
        TE.bind('columns', ({ counted }) => measureDataset(disk, layout, counted.records)),
        TE.flatMap(({ counted, columns }) => {
          const cameras = layout.cameras.map(({ name }) => {
            const ofEpisodes = counted.lines.flatMap(({ stats }) => stats.get(name) ?? []);
            return [name, joinCameraStats(ofEpisodes)] as const;
          });
          return writeWhole(disk, statsFile, showJson(statsJson(layout, new Map([...columns, ...cameras]))));
        }),
      );
    }),
  );

const writerOf = (disk: Disk, video: VideoEncoder | undefined, begun: Recording): DatasetWriter => {
  const turn = inTurn();
  let recording = begun;
  let isClosed = false;
  /** What an effect leaves is what the next one begins with, also where a later step of the same one fails. */
  const keeping = TE.map((next: Recording): Recording => {
    recording = next;
    return next;
  });
  const committed = (): TE.TaskEither<WriteError, Recording> => {
    const before = recording;
    return pipe(
      keeping(commit(disk, before)),
      TE.tap(() => removeWaiting(disk, before)),
    );
  };
  const finish = (): TE.TaskEither<WriteError, void> =>
    pipe(
      committed(),
      TE.flatMap((next) => measure(disk, next)),
      TE.flatMap(() => removeFile(disk, waitingFolder)),
    );
  return {
    addEpisode: (episode) =>
      turn(
        pipe(
          TE.Do,
          TE.filterOrElse(
            () => !isClosed,
            (): WriteError => ({ _tag: 'WriterClosed', dir: disk.dir }),
          ),
          TE.flatMap(() => prepareEpisode(disk, video, recording, episode)),
          TE.tap(({ bytes }) => (isFull(recording, bytes.length) ? committed() : TE.right(recording))),
          TE.flatMap((laid) => keeping(putEpisode(disk, recording, laid))),
          TE.map((next) => nextEpisode(next) - 1),
        ),
      ),
    close: () =>
      turn(
        pipe(
          TE.Do,
          TE.flatMap(() => (isClosed ? TE.right(undefined) : finish())),
          TE.flatMapIO(() => () => {
            isClosed = true;
          }),
        ),
      ),
  };
};

/** Videos cannot be written without what encodes them. */
const checkEncoder = (layout: Layout, video: VideoEncoder | undefined): E.Either<WriteError, void> => {
  const camera = layout.cameras.find(({ dtype }) => dtype === 'video');
  return camera === undefined || video !== undefined
    ? E.right(undefined)
    : E.left({
        _tag: 'InvalidFeature',
        feature: camera.name,
        expected: 'of dtype image where options.video, which encodes videos, is left out',
        found: 'video',
      });
};

const checked = (spec: DatasetSpec, { video }: WriteOptions): TE.TaskEither<WriteError, Layout> =>
  TE.fromEither(
    pipe(
      checkSpec(spec),
      E.tap((layout) => checkEncoder(layout, video)),
    ),
  );

const empty = (dir: string, layout: Layout, video: VideoEncoder | undefined): Recording => ({
  dir,
  layout,
  info: emptyInfo(layout, video),
  dataPath: templates.data,
  videoPath: templates.video,
  episodes: 0,
  frames: 0,
  tasks: [],
  data: undefined,
  table: undefined,
  videos: new Map(),
  waiting: [],
});

/**
 * Begins a dataset in LeRobot's format v3.0, which LeRobot 0.6.1 and `readDataset` read.
 *
 * Killed at any point it is readable up to the last data file, or refused by name; `openForAppending` finds every episode that
 * `addEpisode` answered for. One data file is in memory at a time, and one episode.
 *
 * @param dir - a directory that is not there yet.
 * @errors `InvalidFeature` for what LeRobot could not read; `AlreadyExists`; `CannotWrite`.
 * @law what `readDataset` reads is what was given, bit for bit.
 * @source LeRobot 0.6.1 `datasets/dataset_writer.py`, `datasets/dataset_metadata.py`
 */
export const createDataset = (
  dir: string,
  spec: DatasetSpec,
  options: WriteOptions = {},
): TE.TaskEither<WriteError, DatasetWriter> => {
  const { video, fileSystem: fs = nodeFileSystem } = options;
  return pipe(
    checked(spec, options),
    TE.map((layout) => empty(dir, layout, video)),
    TE.tap(({ info }) =>
      wholeDirectory(fs, { path: dir })(
        (into): TE.TaskEither<WriteError, void> => wholeFile(fs, join(into, infoFile))(showJson(info)),
      ),
    ),
    TE.map((recording) => writerOf({ fs, dir }, video, recording)),
  );
};

/**
 * Goes on with a dataset of version 3.0, written here or by LeRobot, after its last episode: also with one whose writer was
 * interrupted, whose durable episodes are taken up.
 *
 * @param spec - what the dataset is of; its limits are those of the dataset.
 * @errors `OtherDataset` for another rate, robot or feature; `BrokenRecording`; `UnknownVersion`; what `readDataset` refuses in
 * `meta/`; `CannotRead`, `CannotWrite`.
 */
export const openForAppending = (
  dir: string,
  spec: DatasetSpec,
  options: WriteOptions = {},
): TE.TaskEither<WriteError, DatasetWriter> => {
  const { video, fileSystem: fs = nodeFileSystem } = options;
  return pipe(
    checked(spec, options),
    TE.flatMap((layout) => readRecording({ fs, dir }, layout, video)),
    TE.map((recording) => writerOf({ fs, dir }, video, recording)),
  );
};
