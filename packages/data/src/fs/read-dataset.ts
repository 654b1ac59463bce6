import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as NEA from 'fp-ts/lib/NonEmptyArray.js';
import * as RA from 'fp-ts/lib/ReadonlyArray.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Dataset, Episode } from '../dataset.js';
import { decodeEpisode, fileRequest } from '../episode.js';
import type { DataError } from '../error.js';
import type { EpisodeRecord } from '../meta/episode-record.js';
import type { DatasetFormat, MetaFile, MetaFiles } from '../meta/format.js';
import { formatOf } from '../meta/formats.js';
import { type DatasetInfo, decodeInfo, parseInfo } from '../meta/info.js';
import { textOf } from '../meta/text.js';
import { type Vector, type VectorColumns, vectorOf } from '../meta/vector.js';
import { makeScratch, type Scratch } from '../parquet/scratch.js';
import { readTable, type Table } from '../parquet/table.js';
import { checkTotals, selectCameras, selectEpisodes, type WithoutCameras } from '../selection.js';
import { parquetIn, readBytes, requireDirectory, withSource } from './files.js';
import { type DeclaredVideo, requireVideos } from './videos.js';

/** What to read of a dataset. */
export type ReadOptions = {
  /** Cameras to train without: their videos need not exist. */
  readonly withoutCameras?: WithoutCameras;
  /** The features that states and actions are read from, where they are not those of LeRobot or openpi. */
  readonly columns?: VectorColumns;
  /** Episodes to read; all without it. */
  readonly episodes?: readonly number[];
  /** Episodes to leave out, of those. */
  readonly excludeEpisodes?: readonly number[];
  /** False: nothing is looked up of the pictures of `image` features. */
  readonly pictures?: boolean;
  /** False reads a dataset whose totals in `meta/info.json` are stale too. */
  readonly checkTotals?: boolean;
};

/** Files read side by side while others are decoded; a dataset of 50 000 files must not open them all at once. */
const filesAtOnce = 16;

const infoFile = 'meta/info.json';

type Metadata = {
  readonly root: string;
  readonly info: DatasetInfo;
  readonly records: readonly EpisodeRecord[];
  readonly tasks: ReadonlyMap<number, string>;
  readonly cameras: readonly string[];
  /** Cameras whose pictures are read. */
  readonly pictured: readonly string[];
  readonly state: Vector;
  readonly action: Vector;
};

const readInfo = (
  root: string,
): TE.TaskEither<DataError, { readonly format: DatasetFormat; readonly info: DatasetInfo }> => {
  const file = join(root, infoFile);
  return pipe(
    readBytes(file, { _tag: 'MissingFile', file, purpose: 'the description of the dataset' }),
    TE.flatMapEither((bytes) => textOf(infoFile, new Map([[infoFile, bytes]]))),
    TE.flatMapEither((content) => parseInfo(infoFile, content)),
    TE.flatMapEither((object) =>
      pipe(
        E.Do,
        E.bind('format', () => formatOf({ file: infoFile }, object)),
        E.bind('info', () => decodeInfo({ file: infoFile }, object)),
      ),
    ),
  );
};

const pathsOf = (root: string, { path, purpose, kind }: MetaFile): TE.TaskEither<DataError, readonly string[]> =>
  kind === 'file'
    ? TE.right([path])
    : pipe(
        parquetIn(join(root, path)),
        TE.filterOrElse(
          (found) => found.length > 0,
          (): DataError => ({ _tag: 'MissingFile', file: join(root, path), purpose }),
        ),
        TE.map((found) => found.map((name) => `${path}/${name}`)),
      );

const readMetaFiles = (root: string, { metaFiles }: DatasetFormat): TE.TaskEither<DataError, MetaFiles> =>
  pipe(
    metaFiles,
    TE.traverseArray((wanted) =>
      pipe(
        pathsOf(root, wanted),
        TE.flatMap(
          TE.traverseSeqArray((path) =>
            pipe(
              readBytes(join(root, path), { _tag: 'MissingFile', file: join(root, path), purpose: wanted.purpose }),
              TE.map((bytes) => [path, bytes] as const),
            ),
          ),
        ),
      ),
    ),
    TE.map((entries) => new Map(entries.flat())),
  );

/** Cameras whose pictures lie in the parquet files and are wanted. */
const picturedOf = (
  { features }: DatasetInfo,
  cameras: readonly string[],
  { pictures = true }: ReadOptions,
): readonly string[] => (pictures ? cameras.filter((camera) => features.get(camera)?.dtype === 'image') : []);

/** What the metadata of a dataset says, whatever its files of rows hold. */
export type Description = {
  readonly info: DatasetInfo;
  /** Ascending by index. */
  readonly records: readonly EpisodeRecord[];
  readonly tasks: ReadonlyMap<number, string>;
};

/**
 * Reads the metadata of a dataset alone; its totals are not compared.
 *
 * @errors those about files of metadata and what they say.
 */
export const readDescription = (root: string): TE.TaskEither<DataError, Description> =>
  pipe(
    requireDirectory(root),
    TE.flatMap(() => readInfo(root)),
    TE.bind('files', ({ format }) => readMetaFiles(root, format)),
    TE.bind('described', ({ format, info, files }) => format.describe(info, files)),
    TE.map(({ info, described }) => ({ info, ...described })),
  );

const readMetadata = (root: string, options: ReadOptions): TE.TaskEither<DataError, Metadata> =>
  pipe(
    readDescription(root),
    TE.flatMapEither(({ info, records: all, tasks }) =>
      pipe(
        E.Do,
        E.tap(() => (options.checkTotals === false ? E.right(undefined) : checkTotals(info, all))),
        E.bind('records', () => selectEpisodes(root, all, options)),
        E.bind('cameras', () => selectCameras(info.features, options.withoutCameras ?? [])),
        E.bind('state', () => vectorOf(infoFile, info.features, 'state', options.columns?.state)),
        E.bind('action', () => vectorOf(infoFile, info.features, 'action', options.columns?.action)),
        E.map((read) => ({ root, info, tasks, pictured: picturedOf(info, read.cameras, options), ...read })),
      ),
    ),
  );

const declaredVideos = ({ cameras, records }: Metadata): readonly DeclaredVideo[] => {
  const declared = records.flatMap(({ videos }) =>
    [...videos].flatMap(([camera, { file }]) => (cameras.includes(camera) ? [[file, { camera, file }] as const] : [])),
  );
  return [...new Map(declared).values()];
};

const episodesOf = (
  { info: { fps }, state, action, tasks, cameras, pictured }: Metadata,
  file: string,
  records: readonly EpisodeRecord[],
  table: Table,
): E.Either<DataError, readonly Episode[]> =>
  pipe(
    records,
    E.traverseArray((record) => decodeEpisode({ file, record, fps, state, action, tasks, cameras, pictured }, table)),
  );

/** The episodes of one parquet file: `records` are those that are wanted. */
const readEpisodes = (
  meta: Metadata,
  scratch: Scratch,
  file: string,
  records: readonly EpisodeRecord[],
): TE.TaskEither<DataError, readonly Episode[]> => {
  const path = join(meta.root, file);
  return pipe(
    withSource(path, { _tag: 'MissingParquet', file: path, episodes: records.map(({ index }) => index) }, (source) =>
      readTable(fileRequest(file, records, meta), source, scratch),
    ),
    TE.flatMapEither((table) => episodesOf(meta, file, records, table)),
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
  notes: [...meta.state.notes, ...meta.action.notes],
  episodes,
});

/**
 * Reads a LeRobot dataset (v2.0, v2.1 or v3.0) into memory: metadata, states, actions, tasks and times. Pictures
 * and videos stay in their files; it is looked up where.
 *
 * Everything is checked on the way and the first thing wrong is returned: files, JSON, counts, column types and widths,
 * lengths, order of frames, tasks, and that every state and action is finite.
 *
 * @param dir - the directory that holds `meta/` and `data/`.
 * @errors every tag of `DataError` about files and columns; `MissingVideos` names the option that trains without a camera.
 * @law reading a selection of episodes gives the same episodes as reading all and selecting.
 * @source LeRobot v0.3.3 and 0.6.1 `datasets/`
 */
export const readDataset = (dir: string, options: ReadOptions = {}): TE.TaskEither<DataError, Dataset> =>
  pipe(
    readMetadata(dir, options),
    TE.tap((meta) => requireVideos(dir, declaredVideos(meta))),
    TE.bindTo('meta'),
    TE.let('scratch', makeScratch),
    TE.flatMap(({ meta, scratch }) =>
      pipe(
        Object.entries(NEA.groupBy(({ rows }: EpisodeRecord) => rows.file)([...meta.records])),
        RA.chunksOf(filesAtOnce),
        TE.traverseSeqArray(TE.traverseArray(([file, records]) => readEpisodes(meta, scratch, file, records))),
        TE.map((episodes) =>
          toDataset(
            meta,
            episodes.flat(2).toSorted((a, b) => a.index - b.index),
          ),
        ),
      ),
    ),
  );
