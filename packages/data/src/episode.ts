import * as E from 'fp-ts/lib/Either.js';
import type { Episode } from './dataset.js';
import type { DataError } from './error.js';
import { gapsIn } from './gaps.js';
import type { EpisodeRecord } from './meta/episode-record.js';
import type { DatasetInfo } from './meta/info.js';
import type { Vector } from './meta/vector.js';
import type { ColumnRequest, Table, TableRequest } from './parquet/table.js';

/** What is read of the rows of every episode, as `meta/info.json` types it. */
export type EpisodeFeatures = {
  readonly info: Pick<DatasetInfo, 'features'>;
  readonly state: Vector;
  readonly action: Vector;
  /** Cameras whose pictures are read. */
  readonly pictured: readonly string[];
};

const counting = { timestamp: 'float32', frame_index: 'int64', episode_index: 'int64', task_index: 'int64' } as const;

/** The columns that episodes are made of; a dataset may go without numbers of frames, which the order of rows says too. */
const episodeColumns = ({ info: { features }, state, action }: EpisodeFeatures): readonly ColumnRequest[] => [
  ...new Map([...state.columns, ...action.columns].map((column) => [column.name, column])).values(),
  ...Object.entries(counting)
    .filter(([name]) => name !== 'frame_index' || features.has(name))
    .map(([name, dtype]) => ({ name, width: 1, dtype: features.get(name)?.dtype ?? dtype })),
];

/** What to read of a file of episodes, and how many rows it must have. */
export const fileRequest = (
  file: string,
  records: readonly EpisodeRecord[],
  features: EpisodeFeatures,
): TableRequest => ({
  file,
  columns: episodeColumns(features),
  pictures: features.pictured,
  checkRows: (found) => {
    const expected = records[0]?.rows.ofFile ?? 0;
    const episodes = records.map(({ index }) => index);
    return found === expected ? undefined : { _tag: 'RowCountMismatch', file, episodes, expected, found };
  },
});

/** What an episode's columns are checked against. */
export type EpisodeContext = {
  readonly file: string;
  readonly record: EpisodeRecord;
  /** Frames per second. */
  readonly fps: number;
  /** Cameras that are read. */
  readonly cameras: readonly string[];
  readonly state: Vector;
  readonly action: Vector;
  readonly tasks: ReadonlyMap<number, string>;
  /** Cameras whose pictures lie beside the rows. */
  readonly pictured: readonly string[];
};

type Values = Float32Array | Float64Array;

/** Rows are numbered in the file: an episode begins at `first`. */
const wrongIndex = (
  { file, record: { rows } }: EpisodeContext,
  column: string,
  values: Values | undefined,
  expected: (row: number) => number,
): DataError | undefined => {
  const row = values?.findIndex((value, i) => value !== expected(i)) ?? -1;
  if (row < 0) return undefined;
  const found = values?.[row] ?? Number.NaN;
  return { _tag: 'WrongIndex', file, column, row: rows.first + row, expected: expected(row), found };
};

/** One addition per value first: finite f32 values cannot add up to an infinity in f64, and a NaN never leaves a sum. */
const firstNonFinite = (values: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return Number.isFinite(sum) ? -1 : values.findIndex((value) => !Number.isFinite(value));
};

const nonFinite = (
  { file, record }: EpisodeContext,
  feature: string,
  names: readonly string[],
  values: Float32Array,
): DataError | undefined => {
  const at = firstNonFinite(values);
  if (at < 0) return undefined;
  return {
    _tag: 'NonFiniteValue',
    file,
    feature,
    episode: record.index,
    frame: Math.floor(at / names.length),
    joint: names[at % names.length] ?? feature,
    value: values[at] ?? Number.NaN,
  };
};

const unknownTask = (context: EpisodeContext, taskIndex: Values): DataError | undefined => {
  const frame = taskIndex.findIndex((index) => !context.tasks.has(index));
  if (frame < 0) return undefined;
  const known = [...context.tasks.keys()];
  return {
    _tag: 'UnknownTask',
    episode: context.record.index,
    frame,
    taskIndex: taskIndex[frame] ?? Number.NaN,
    known,
  };
};

type Part = (name: string, width?: number) => Values | undefined;

/** The columns of a vector, row by row beside one another. */
const joinedRows = (part: Part, { columns }: Vector, rows: number): Float32Array => {
  const [only] = columns;
  if (columns.length === 1 && only !== undefined) return asFloat32(part(only.name, only.width) ?? empty);
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  const out = new Float32Array(rows * width);
  let first = 0;
  for (const column of columns) {
    const values = part(column.name, column.width) ?? empty;
    for (let i = 0; i < values.length; i++) {
      out[Math.floor(i / column.width) * width + first + (i % column.width)] = values[i] ?? Number.NaN;
    }
    first += column.width;
  }
  return out;
};

const shownName = ({ columns }: Vector): string => columns.map(({ name }) => name).join(', ');

/** Makes an episode of its rows of a table, or says what is wrong with them. */
export const decodeEpisode = (context: EpisodeContext, table: Table): E.Either<DataError, Episode> => {
  const { record } = context;
  const { first } = record.rows;
  const part: Part = (name, width = 1) =>
    table.columns.get(name)?.subarray(first * width, (first + record.length) * width);
  const state = joinedRows(part, context.state, record.length);
  const action = joinedRows(part, context.action, record.length);
  const timestamp = asFloat32(part('timestamp') ?? empty);
  const taskIndex = part('task_index') ?? empty;
  const error =
    wrongIndex(context, 'frame_index', part('frame_index'), (row) => row) ??
    wrongIndex(context, 'episode_index', part('episode_index'), () => record.index) ??
    nonFinite(context, shownName(context.state), context.state.names, state) ??
    nonFinite(context, shownName(context.action), context.action.names, action) ??
    nonFinite(context, 'timestamp', ['timestamp'], timestamp) ??
    unknownTask(context, taskIndex);
  if (error) return E.left(error);
  return E.right({
    index: record.index,
    length: record.length,
    tasks: record.tasks,
    state,
    action,
    taskIndex: Int32Array.from(taskIndex),
    timestamp,
    gaps: gapsIn(timestamp, context.fps),
    pictures: new Map(context.pictured.map((camera) => [camera, { file: context.file, first }])),
    videos: new Map([...record.videos].filter(([camera]) => context.cameras.includes(camera))),
  });
};

const empty = new Float32Array(0);

const asFloat32 = (values: Values): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values);
