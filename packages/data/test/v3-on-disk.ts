import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { type EpisodeOnDisk, type Files, infoOf, parquetOf } from './dataset-on-disk.js';

/** A row of `meta/episodes`. */
export type EpisodeRow = Readonly<Record<string, unknown>>;

export const v3DataFile = 'data/chunk-000/file-000.parquet';
export const v3EpisodesFile = 'meta/episodes/chunk-000/file-000.parquet';
export const v3TasksFile = 'meta/tasks.parquet';

const textLists = (name: string): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
];

const columnSchema = (name: string, values: readonly unknown[]): SchemaElement[] => {
  if (values.some(Array.isArray)) return textLists(name);
  const known = values.find((value) => value !== null);
  if (typeof known === 'string') {
    return [{ name, repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' }];
  }
  return [{ name, repetition_type: 'OPTIONAL', type: typeof known === 'bigint' ? 'INT64' : 'DOUBLE' }];
};

/** Rows as a parquet file: whole numbers as `bigint`, as LeRobot writes them. */
export const tableOf = (rows: readonly EpisodeRow[]): Uint8Array => {
  const names = Object.keys(rows[0] ?? {});
  const columns = names.map((name) => ({ name, data: rows.map((row) => row[name]) }));
  const schema = [
    { name: 'root', num_children: names.length },
    ...columns.flatMap(({ name, data }) => columnSchema(name, data)),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData: columns, schema }));
};

/** Rows of `meta/episodes` for episodes that follow one another in one file. */
export const rowsOf = (episodes: readonly EpisodeOnDisk[]): readonly EpisodeRow[] => {
  let from = 0;
  return episodes.map(({ state, task }, i) => {
    const to = from + state.length;
    const row = {
      episode_index: BigInt(i),
      tasks: [task === 1 ? 'place' : 'pick'],
      length: BigInt(state.length),
      'data/chunk_index': 0n,
      'data/file_index': 0n,
      dataset_from_index: BigInt(from),
      dataset_to_index: BigInt(to),
    };
    from = to;
    return row;
  });
};

/** Episodes one after another in the rows of one parquet file. */
export const v3DataOf = (episodes: readonly EpisodeOnDisk[]): Uint8Array => {
  const each = (value: (frame: number, index: number) => number): unknown[] =>
    episodes.flatMap(({ state }, index) => state.map((_, frame) => BigInt(value(frame, index))));
  const cameras = Object.keys(episodes[0]?.pictures ?? {});
  return parquetOf({
    state: episodes.flatMap(({ state }) => state),
    pictures: Object.fromEntries(
      cameras.map((camera) => [camera, episodes.flatMap(({ pictures }) => pictures?.[camera] ?? [])]),
    ),
    action: episodes.flatMap(({ action }) => action),
    columns: {
      timestamp: episodes.flatMap(({ state }) => state.map((_, frame) => frame / 10)),
      frame_index: each((frame) => frame),
      episode_index: each((_, index) => index),
      task_index: each((_, index) => episodes[index]?.task ?? 0),
    },
  });
};

/** Files of a right dataset of version 3, to be changed by a test. */
export const v3FilesOf = (
  episodes: readonly EpisodeOnDisk[],
  rows: readonly EpisodeRow[] = rowsOf(episodes),
  features: object = {},
): Files => ({
  'meta/info.json': JSON.stringify(
    infoOf(
      episodes,
      {
        codebase_version: 'v3.0',
        data_path: 'data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet',
        video_path: 'videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4',
      },
      features,
    ),
  ),
  [v3TasksFile]: tableOf([
    { task_index: 0n, task: 'pick' },
    { task_index: 1n, task: 'place' },
  ]),
  [v3EpisodesFile]: tableOf(rows),
  [v3DataFile]: v3DataOf(episodes),
});
