import { basename } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { showDataError } from '../error.js';
import type { JsonObject } from '../json.js';
import type { EpisodeRecord } from '../meta/episode-record.js';
import type { MetaFiles } from '../meta/format.js';
import { formatOf } from '../meta/formats.js';
import { type DatasetInfo, parseInfo } from '../meta/info.js';
import { textOf } from '../meta/text.js';
import { v3 } from '../meta/v3.js';
import { readRecords } from '../parquet/records.js';
import { checkTotals } from '../selection.js';
import { checkContinued, decodeLine, type EpisodeLine, lineColumns, placeOf } from '../writing/continued.js';
import type { WriteError } from '../writing/error.js';
import type { VideoCoding } from '../writing/info.js';
import { nextPlace, pathOf, templates } from '../writing/place.js';
import { readRecord } from '../writing/recorded.js';
import { nextEpisode, type Recording, videoPlaces, withEpisode } from '../writing/recording.js';
import type { Layout } from '../writing/spec.js';
import {
  type Disk,
  infoFile,
  inOrder,
  namesIn,
  readWhole,
  removeFile,
  tasksFile,
  waitingFile,
  waitingFolder,
} from './recording-files.js';

const episodesFolder = 'meta/episodes';

/** What the metadata of a dataset says of the episodes that `meta/info.json` counts. */
export type Counted = {
  readonly records: readonly EpisodeRecord[];
  readonly lines: readonly EpisodeLine[];
  readonly tasks: ReadonlyMap<number, string>;
  /** Files of `meta/episodes` about episodes that are not counted: an interruption left them. */
  readonly uncounted: readonly string[];
  /** The last file of those that are counted. */
  readonly table: string | undefined;
};

const tablesOf = (disk: Disk): TE.TaskEither<WriteError, readonly string[]> =>
  pipe(
    namesIn(disk, episodesFolder),
    TE.flatMap((chunks) =>
      pipe(
        chunks ?? [],
        TE.traverseSeqArray((chunk) =>
          pipe(
            namesIn(disk, `${episodesFolder}/${chunk}`),
            TE.map((names) => (names ?? []).map((name) => `${episodesFolder}/${chunk}/${name}`)),
          ),
        ),
      ),
    ),
    TE.map((paths) => paths.flat().filter((path) => path.endsWith('.parquet'))),
  );

type EpisodesFile = {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lines: readonly EpisodeLine[];
};

const readLines = (disk: Disk, layout: Layout, path: string): TE.TaskEither<WriteError, EpisodesFile> =>
  pipe(
    readWhole(disk, path),
    TE.bindTo('bytes'),
    TE.bindW('lines', ({ bytes }) =>
      pipe(
        readRecords(path, bytes, { required: lineColumns(layout) }),
        TE.flatMapEither((records) =>
          pipe(
            [...records.entries()],
            E.traverseArray(([row, record]) => decodeLine({ file: path, row }, layout, record)),
          ),
        ),
      ),
    ),
    TE.map((read) => ({ path, ...read })),
  );

const describe = (
  disk: Disk,
  info: DatasetInfo,
  files: readonly EpisodesFile[],
): TE.TaskEither<WriteError, Pick<Counted, 'records' | 'tasks'>> =>
  info.totalEpisodes === 0 && files.length === 0
    ? TE.right({ records: [], tasks: new Map() })
    : pipe(
        readWhole(disk, tasksFile),
        TE.map(
          (tasks): MetaFiles =>
            new Map([[tasksFile, tasks], ...files.map(({ path, bytes }) => [path, bytes] as const)]),
        ),
        TE.flatMap((meta): TE.TaskEither<WriteError, Pick<Counted, 'records' | 'tasks'>> => v3.describe(info, meta)),
      );

/**
 * Reads what the metadata says of the episodes that are counted, and checks that it is as many.
 *
 * @errors `CountMismatch`, what `readDataset` refuses in `meta/`, `MissingColumn` without statistics of a camera.
 */
export const readCounted = (disk: Disk, layout: Layout, info: DatasetInfo): TE.TaskEither<WriteError, Counted> =>
  pipe(
    tablesOf(disk),
    TE.flatMap(TE.traverseSeqArray((path) => readLines(disk, layout, path))),
    TE.map((files) => {
      const isCounted = ({ lines }: EpisodesFile): boolean => lines.some(({ episode }) => episode < info.totalEpisodes);
      const counted = files.filter(isCounted);
      return { counted, uncounted: files.filter((file) => !isCounted(file)).map(({ path }) => path) };
    }),
    TE.bind('described', ({ counted }) => describe(disk, info, counted)),
    TE.tap(({ described }) => TE.fromEither(checkTotals(info, described.records))),
    TE.map(({ counted, uncounted, described }) => ({
      ...described,
      lines: counted.flatMap(({ lines }) => lines).toSorted((a, b) => a.episode - b.episode),
      uncounted,
      table: counted.at(-1)?.path,
    })),
  );

/** Parses `meta/info.json` of a dataset of version 3.0. */
const readInfo = (disk: Disk): TE.TaskEither<WriteError, JsonObject> =>
  pipe(
    readWhole(disk, infoFile),
    TE.flatMapEither((bytes) => textOf(infoFile, new Map([[infoFile, bytes]]))),
    TE.flatMapEither((text) => parseInfo(infoFile, text)),
    TE.tap((object) =>
      pipe(
        TE.fromEither(formatOf({ file: infoFile }, object)),
        TE.filterOrElse(
          (format) => format === v3,
          (): WriteError => ({
            _tag: 'UnknownVersion',
            file: infoFile,
            found: JSON.stringify(object['codebase_version']),
            known: v3.versions,
          }),
        ),
      ),
    ),
  );

const start = (disk: Disk, layout: Layout, info: DatasetInfo, raw: JsonObject, counted: Counted): Recording => {
  const last = counted.lines.at(-1);
  const tasks: string[] = [];
  for (const [index, task] of counted.tasks) tasks[index] = task;
  return {
    dir: disk.dir,
    layout,
    info: raw,
    dataPath: info.dataPath,
    videoPath: info.videoPath ?? templates.video,
    episodes: info.totalEpisodes,
    frames: info.totalFrames,
    tasks,
    data: last?.data,
    table: counted.table === undefined ? undefined : placeOf(counted.table),
    videos: last?.videos ?? new Map(),
    waiting: [],
  };
};

const broken = (file: string, cause: string): WriteError => ({ _tag: 'BrokenRecording', file, cause });

/** Adds the episode of a file that waits. */
const takeWaiting = (disk: Disk, recording: Recording, name: string): TE.TaskEither<WriteError, Recording> => {
  const expected = waitingFile(nextEpisode(recording));
  const file = `${waitingFolder}/${name}`;
  if (file !== expected) return TE.left(broken(expected, 'it is missing, and later ones are there'));
  return pipe(
    readWhole(disk, file),
    TE.flatMapEither((bytes) =>
      pipe(
        readRecord(file, bytes),
        E.mapLeft((error): WriteError => broken(file, showDataError(error))),
        E.filterOrElse(
          ({ index }) => index === nextEpisode(recording),
          ({ index }) => broken(file, `it holds episode ${index}`),
        ),
        E.map((record) => withEpisode(recording, { record, bytes: bytes.length })),
      ),
    ),
  );
};

const takeAll =
  (disk: Disk, found: Recording, names: readonly string[]): TE.TaskEither<WriteError, Recording> =>
  async () => {
    let recording = found;
    for (const name of names) {
      const taken = await takeWaiting(disk, recording, name)();
      if (E.isLeft(taken)) return taken;
      recording = taken.right;
    }
    return E.right(recording);
  };

const waitingNumber = (name: string): number => Number(/^episode-(\d+)\.parquet$/.exec(name)?.[1] ?? Number.NaN);

/**
 * Takes up what an interruption left: episodes that wait are the dataset's, and what was begun and not counted is removed, since
 * LeRobot reads every file below `data/`.
 */
const recover = (disk: Disk, found: Recording, { uncounted }: Counted): TE.TaskEither<WriteError, Recording> =>
  pipe(
    namesIn(disk, waitingFolder),
    TE.flatMap((names) => {
      if (names === undefined) {
        return uncounted.length === 0
          ? TE.right(found)
          : TE.left<WriteError>({
              _tag: 'CountMismatch',
              what: 'total_episodes',
              declared: found.episodes,
              counted: found.episodes + uncounted.length,
            });
      }
      const [stale, waiting] = [
        names.filter((name) => waitingNumber(name) < found.episodes),
        names.filter((name) => waitingNumber(name) >= found.episodes),
      ];
      const { chunksSize } = found.layout.limits;
      return pipe(
        inOrder([
          ...uncounted.map((path) => removeFile(disk, path)),
          removeFile(disk, pathOf(found.dataPath, nextPlace(found.data, chunksSize))),
          ...stale.map((name) => removeFile(disk, `${waitingFolder}/${basename(name)}`)),
        ]),
        TE.flatMap(() => takeAll(disk, found, waiting)),
        TE.tap((recording) =>
          inOrder(
            [...videoPlaces(recording)].map(([camera, place]) =>
              removeFile(disk, pathOf(recording.videoPath, place, camera)),
            ),
          ),
        ),
      );
    }),
  );

/**
 * Reads a dataset to go on writing it, with the episodes that an interrupted writer left waiting.
 *
 * @errors `OtherDataset`; `BrokenRecording`; what `readDataset` refuses in `meta/`.
 */
export const readRecording = (
  disk: Disk,
  layout: Layout,
  coding: VideoCoding | undefined,
): TE.TaskEither<WriteError, Recording> =>
  pipe(
    TE.Do,
    TE.bind('raw', () => readInfo(disk)),
    TE.bind('checked', ({ raw }) => TE.fromEither(checkContinued(disk.dir, infoFile, layout, coding, raw))),
    TE.bind('counted', ({ checked }) => readCounted(disk, checked.layout, checked.info)),
    TE.flatMap(({ raw, checked, counted }) =>
      recover(disk, start(disk, checked.layout, checked.info, raw, counted), counted),
    ),
  );
