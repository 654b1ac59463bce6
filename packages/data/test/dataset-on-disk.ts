import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';

/** An episode to write: rows of state and action, and columns to replace. */
export type EpisodeOnDisk = {
  readonly state: readonly (readonly number[])[];
  readonly action: readonly (readonly number[])[];
  readonly task?: number;
  /** Columns that replace the right ones, by name; null leaves one out. */
  readonly columns?: Readonly<Record<string, unknown[] | null>>;
  /** Further vectors by name. */
  readonly vectors?: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** Encoded pictures by feature, one for each row; null for a row without one. */
  readonly pictures?: Readonly<Record<string, readonly (Uint8Array | null)[]>>;
  readonly stateType?: 'FLOAT' | 'DOUBLE';
  readonly timeType?: 'FLOAT' | 'DOUBLE';
  readonly options?: {
    readonly pageSize?: number;
    readonly rowGroupSize?: number;
    readonly codec?: 'SNAPPY' | 'UNCOMPRESSED';
  };
};

const listSchema = (name: string, type: 'FLOAT' | 'DOUBLE'): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'OPTIONAL', type },
];

const scalar = (name: string, type: 'FLOAT' | 'DOUBLE' | 'INT64'): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', type },
];

const pictureSchema = (name: string): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: 2 },
  { name: 'bytes', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY' },
  { name: 'path', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
];

const pictureCells = (pictures: readonly (Uint8Array | null)[]): unknown[] =>
  pictures.map((bytes, row) => ({ bytes, path: `frame-${String(row).padStart(6, '0')}.png` }));

/** Bytes of an episode's parquet file. */
export const parquetOf = (episode: EpisodeOnDisk, index = 0): Uint8Array => {
  const rows = episode.state.length;
  const { pictures = {}, vectors = {} } = episode;
  const whole = (value: (row: number) => number): unknown[] =>
    Array.from({ length: rows }, (_, row) => BigInt(value(row)));
  const columns: Record<string, unknown[] | null> = {
    'observation.state': episode.state.map((row) => [...row]),
    action: episode.action.map((row) => [...row]),
    timestamp: Array.from({ length: rows }, (_, row) => row / 10),
    frame_index: whole((row) => row),
    episode_index: whole(() => index),
    task_index: whole(() => episode.task ?? 0),
    ...Object.fromEntries(Object.entries(pictures).map(([name, rows]) => [name, pictureCells(rows)])),
    ...Object.fromEntries(Object.entries(vectors).map(([name, all]) => [name, all.map((row) => [...row])])),
    ...episode.columns,
  };
  const schemas: Record<string, SchemaElement[]> = {
    'observation.state': listSchema('observation.state', episode.stateType ?? 'FLOAT'),
    action: listSchema('action', 'FLOAT'),
    timestamp: scalar('timestamp', episode.timeType ?? 'FLOAT'),
    frame_index: scalar('frame_index', 'INT64'),
    episode_index: scalar('episode_index', 'INT64'),
    task_index: scalar('task_index', 'INT64'),
    ...Object.fromEntries(Object.keys(pictures).map((name) => [name, pictureSchema(name)])),
    ...Object.fromEntries(Object.keys(vectors).map((name) => [name, listSchema(name, 'FLOAT')])),
  };
  const present = Object.keys(columns).filter((name) => columns[name] !== null);
  const columnData: ColumnSource[] = present.map((name) => ({ name, data: columns[name] ?? [] }));
  const schema: SchemaElement[] = [
    { name: 'root', num_children: present.length },
    ...present.flatMap((name) => schemas[name] ?? []),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema, ...episode.options }));
};

export type Files = Record<string, string | Uint8Array>;

const vector = (width: number): object => ({ dtype: 'float32', shape: [width], names: null });
const whole = { dtype: 'int64', shape: [1], names: null };

export const infoOf = (episodes: readonly EpisodeOnDisk[], more: object = {}, features: object = {}): object => ({
  codebase_version: 'v2.1',
  robot_type: 'testbot',
  total_episodes: episodes.length,
  total_frames: episodes.reduce((sum, episode) => sum + episode.state.length, 0),
  chunks_size: 1000,
  fps: 10,
  data_path: 'data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet',
  video_path: 'videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4',
  features: {
    'observation.state': vector(episodes[0]?.state[0]?.length ?? 2),
    action: vector(episodes[0]?.action[0]?.length ?? 2),
    timestamp: { dtype: 'float32', shape: [1], names: null },
    frame_index: whole,
    episode_index: whole,
    task_index: whole,
    ...features,
  },
  ...more,
});

export const dataFile = (index: number): string => `data/chunk-000/episode_${String(index).padStart(6, '0')}.parquet`;

/** Files of a right dataset, to be changed by a test. */
export const filesOf = (episodes: readonly EpisodeOnDisk[], features: object = {}): Files => {
  const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  return {
    'meta/info.json': JSON.stringify(infoOf(episodes, {}, features), undefined, 2),
    'meta/tasks.jsonl': lines([
      { task_index: 0, task: 'pick' },
      { task_index: 1, task: 'place' },
    ]),
    'meta/episodes.jsonl': lines(
      episodes.map(({ state, task }, i) => ({
        episode_index: i,
        tasks: [task === 1 ? 'place' : 'pick'],
        length: state.length,
      })),
    ),
    ...Object.fromEntries(episodes.map((episode, i) => [dataFile(i), parquetOf(episode, i)])),
  };
};

/** Writes files into a fresh directory and returns it. */
export const onDisk = (files: Files): string => {
  const root = mkdtempSync(join(tmpdir(), 'torsor-data-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
};

/** Three rows of two numbers, told apart by `from`. */
export const smallEpisode = (from = 0, rows = 3): EpisodeOnDisk => ({
  state: Array.from({ length: rows }, (_, row) => [from + row, from + row + 0.5]),
  action: Array.from({ length: rows }, (_, row) => [-(from + row), from + row + 0.25]),
});
