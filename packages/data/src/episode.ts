import * as E from 'fp-ts/lib/Either.js';
import type { Episode } from './dataset.js';
import type { DataError } from './error.js';
import type { Feature } from './meta/feature.js';
import type { EpisodeRecord } from './meta/tables.js';
import type { ColumnRequest, Table, TableRequest } from './parquet/table.js';

/** The two vector features of every training dataset. */
export const stateKey = 'observation.state';
export const actionKey = 'action';

/** The columns that an episode is made of. */
const episodeColumns = (state: Feature, action: Feature): readonly ColumnRequest[] => [
  { name: stateKey, width: state.shape[0] ?? 0, dtype: state.dtype },
  { name: actionKey, width: action.shape[0] ?? 0, dtype: action.dtype },
  { name: 'timestamp', width: 1, dtype: 'float32' },
  { name: 'frame_index', width: 1, dtype: 'int64' },
  { name: 'episode_index', width: 1, dtype: 'int64' },
  { name: 'task_index', width: 1, dtype: 'int64' },
];

/** What to read of an episode's file, and how many rows it must have. */
export const episodeRequest = (
  file: string,
  { index: episode, length: expected }: EpisodeRecord,
  state: Feature,
  action: Feature,
  pictures: readonly string[],
): TableRequest => ({
  file,
  columns: episodeColumns(state, action),
  pictures,
  checkRows: (found) => (found === expected ? undefined : { _tag: 'RowCountMismatch', file, episode, expected, found }),
});

/** What an episode's columns are checked against. */
export type EpisodeContext = {
  readonly file: string;
  readonly record: EpisodeRecord;
  readonly stateNames: readonly string[];
  readonly actionNames: readonly string[];
  readonly tasks: ReadonlyMap<number, string>;
};

type Values = Float32Array | Float64Array;

const wrongIndex = (
  file: string,
  column: string,
  values: Values,
  expected: (row: number) => number,
): DataError | undefined => {
  const row = values.findIndex((value, i) => value !== expected(i));
  if (row < 0) return undefined;
  return { _tag: 'WrongIndex', file, column, row, expected: expected(row), found: values[row] ?? Number.NaN };
};

/** One addition per value first: finite f32 values cannot add up to an infinity in f64, and a NaN never leaves a sum. */
const firstNonFinite = (values: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return Number.isFinite(sum) ? -1 : values.findIndex((value) => !Number.isFinite(value));
};

const nonFinite = (
  context: EpisodeContext,
  feature: string,
  names: readonly string[],
  values: Float32Array,
): DataError | undefined => {
  const at = firstNonFinite(values);
  if (at < 0) return undefined;
  const width = names.length;
  return {
    _tag: 'NonFiniteValue',
    file: context.file,
    feature,
    episode: context.record.index,
    frame: Math.floor(at / width),
    joint: names[at % width] ?? `${feature}[${at % width}]`,
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

const empty = new Float32Array(0);

/** Makes an episode of its table, or says what is wrong with it. */
export const decodeEpisode = (context: EpisodeContext, table: Table): E.Either<DataError, Episode> => {
  const { file, record } = context;
  const column = (name: string): Values => table.columns.get(name) ?? empty;
  const state = asFloat32(column(stateKey));
  const action = asFloat32(column(actionKey));
  const timestamp = asFloat32(column('timestamp'));
  const taskIndex = column('task_index');
  const error =
    wrongIndex(file, 'frame_index', column('frame_index'), (row) => row) ??
    wrongIndex(file, 'episode_index', column('episode_index'), () => record.index) ??
    nonFinite(context, stateKey, context.stateNames, state) ??
    nonFinite(context, actionKey, context.actionNames, action) ??
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
    pictures: table.pictures,
  });
};

const asFloat32 = (values: Values): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values);
