import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as RA from 'fp-ts/lib/ReadonlyArray.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Dataset, Episode } from '../dataset.js';
import { actionKey, decodeEpisode, episodeRequest, stateKey } from '../episode.js';
import type { DataError } from '../error.js';
import type { Feature } from '../meta/feature.js';
import type { DatasetFormat } from '../meta/format.js';
import { formatOf } from '../meta/formats.js';
import { type DatasetInfo, parseInfo } from '../meta/info.js';
import type { EpisodeRecord } from '../meta/tables.js';
import { makeScratch, type Scratch } from '../parquet/scratch.js';
import { readTable } from '../parquet/table.js';
import { checkTotals, requireVector, selectCameras, selectEpisodes, type WithoutCameras } from '../selection.js';
import { readBytes, readText, requireDirectory } from './files.js';
import { type DeclaredVideo, requireVideos } from './videos.js';

/** What to read of a dataset. */
export type ReadOptions = {
  /** Cameras to train without: their videos need not exist. */
  readonly withoutCameras?: WithoutCameras;
  /** Episodes to read; all without it. */
  readonly episodes?: readonly number[];
  /** False leaves the pictures of `image` features in their files. */
  readonly pictures?: boolean;
};

/** Files read side by side while others are decoded; a dataset of 50 000 files must not open them all at once. */
const filesAtOnce = 16;

const infoFile = 'meta/info.json';

type Metadata = {
  readonly root: string;
  readonly format: DatasetFormat;
  readonly info: DatasetInfo;
  readonly records: readonly EpisodeRecord[];
  readonly tasks: ReadonlyMap<number, string>;
  readonly cameras: readonly string[];
  /** Cameras whose pictures are read. */
  readonly pictured: readonly string[];
  readonly state: Feature;
  readonly action: Feature;
};

const readInfo = (root: string): TE.TaskEither<DataError, Pick<Metadata, 'format' | 'info'>> =>
  pipe(
    readText(join(root, infoFile), {
      _tag: 'MissingFile',
      file: join(root, infoFile),
      purpose: 'the description of the dataset',
    }),
    TE.flatMapEither((content) => parseInfo(infoFile, content)),
    TE.flatMapEither((object) =>
      pipe(
        E.Do,
        E.bind('format', () => formatOf({ file: infoFile }, object)),
        E.bind('info', ({ format }) => format.decodeInfo({ file: infoFile }, object)),
      ),
    ),
  );

const readMetaFiles = (root: string, format: DatasetFormat): TE.TaskEither<DataError, ReadonlyMap<string, string>> =>
  pipe(
    format.metaFiles,
    TE.traverseArray(({ path, purpose }) =>
      pipe(
        readText(join(root, path), { _tag: 'MissingFile', file: join(root, path), purpose }),
        TE.map((content) => [path, content] as const),
      ),
    ),
    TE.map((entries) => new Map(entries)),
  );

/** Cameras whose pictures lie in the parquet files and are wanted. */
const picturedOf = (
  { features }: DatasetInfo,
  cameras: readonly string[],
  { pictures = true }: ReadOptions,
): readonly string[] => (pictures ? cameras.filter((camera) => features.get(camera)?.dtype === 'image') : []);

const readMetadata = (root: string, options: ReadOptions): TE.TaskEither<DataError, Metadata> =>
  pipe(
    requireDirectory(root),
    TE.flatMap(() => readInfo(root)),
    TE.bind('files', ({ format }) => readMetaFiles(root, format)),
    TE.flatMapEither(({ format, info, files }) =>
      pipe(
        E.Do,
        E.bind('all', () => format.decodeEpisodes(files)),
        E.bind('tasks', () => format.decodeTasks(files)),
        E.tap(({ all }) => checkTotals(info, all)),
        E.bind('records', ({ all }) => selectEpisodes(root, all, options.episodes)),
        E.bind('cameras', () => selectCameras(info.features, options.withoutCameras ?? [])),
        E.bind('state', () => requireVector(infoFile, info.features, stateKey)),
        E.bind('action', () => requireVector(infoFile, info.features, actionKey)),
        E.map((read) => ({ root, format, info, pictured: picturedOf(info, read.cameras, options), ...read })),
      ),
    ),
  );

const declaredVideos = ({ format, info, cameras, records }: Metadata): readonly DeclaredVideo[] =>
  cameras
    .filter((camera) => info.features.get(camera)?.dtype === 'video')
    .flatMap((camera) =>
      records.flatMap((record) => {
        const file = format.videoFile(info, camera, record.index);
        return file === null ? [] : [{ camera, file }];
      }),
    );

const readEpisode = (meta: Metadata, scratch: Scratch, record: EpisodeRecord): TE.TaskEither<DataError, Episode> => {
  const file = meta.format.dataFile(meta.info, record.index);
  const { names: stateNames } = meta.state;
  const { names: actionNames } = meta.action;
  return pipe(
    readBytes(join(meta.root, file), { _tag: 'MissingParquet', file: join(meta.root, file), episode: record.index }),
    TE.flatMap(
      (bytes) => () => readTable(episodeRequest(file, record, meta.state, meta.action, meta.pictured), bytes, scratch),
    ),
    TE.flatMapEither((table) => decodeEpisode({ file, record, stateNames, actionNames, tasks: meta.tasks }, table)),
  );
};

const toDataset = (meta: Metadata, episodes: readonly Episode[]): Dataset => ({
  root: meta.root,
  info: meta.info,
  fps: meta.info.fps,
  robotType: meta.info.robotType,
  features: meta.info.features,
  stateNames: meta.state.names,
  actionNames: meta.action.names,
  cameras: meta.cameras,
  tasks: meta.tasks,
  episodes,
});

/**
 * Reads a LeRobot v2.1 dataset into memory: metadata, states, actions, tasks, times, and the pictures of `image` features as
 * they are encoded. Videos stay in their files.
 *
 * Everything is checked on the way and the first thing wrong is returned: files, JSON, counts, column types and widths,
 * lengths, order of frames, tasks, and that every state and action is finite.
 *
 * @param dir - the directory that holds `meta/` and `data/`.
 * @errors every tag of `DataError` about files and columns; `MissingVideos` names the option that trains without a camera.
 * @law reading a selection of episodes gives the same episodes as reading all and selecting.
 * @source LeRobot v0.3.3 `datasets/lerobot_dataset.py`, the v2.1 layout
 */
export const readDataset = (dir: string, options: ReadOptions = {}): TE.TaskEither<DataError, Dataset> =>
  pipe(
    readMetadata(dir, options),
    TE.tap((meta) => requireVideos(dir, declaredVideos(meta))),
    TE.bindTo('meta'),
    TE.let('scratch', makeScratch),
    TE.flatMap(({ meta, scratch }) =>
      pipe(
        RA.chunksOf(filesAtOnce)(meta.records),
        TE.traverseSeqArray(TE.traverseArray((record) => readEpisode(meta, scratch, record))),
        TE.map((episodes) => toDataset(meta, episodes.flat())),
      ),
    ),
  );
