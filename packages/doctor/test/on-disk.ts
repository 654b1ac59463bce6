import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';

type Schema = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>;

/** Values of an episode of a robot of two joints at 10 frames a second. */
export type EpisodeOnDisk = {
  readonly length: number;
  readonly value?: (frame: number, dim: number) => number;
  readonly time?: (frame: number) => number;
};

export type Files = Record<string, string | Uint8Array>;

const list = (name: string): Schema => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'OPTIONAL', type: 'FLOAT' },
];

const plain = (name: string, type: 'FLOAT' | 'DOUBLE' | 'INT64'): Schema => [
  { name, repetition_type: 'OPTIONAL', type },
];

const vectors = ['observation.state', 'action'];

const rowSchema: Schema = [
  { name: 'root', num_children: 6 },
  ...vectors.flatMap(list),
  ...plain('timestamp', 'FLOAT'),
  ...['frame_index', 'episode_index', 'task_index'].flatMap((name) => plain(name, 'INT64')),
];

const motion = (frame: number, dim: number): number => Math.sin(0.37 * frame + dim);

/** Episodes one after another in a parquet file; the first has the index `first`. */
export const rowsOf = (episodes: readonly EpisodeOnDisk[], first: number): Uint8Array => {
  const rows = episodes.flatMap((episode, i) =>
    Array.from({ length: episode.length }, (_, frame) => ({ episode, index: first + i, frame })),
  );
  const vector = (lead: number) =>
    rows.map(({ episode: { value = motion }, frame }) => [0, 1].map((dim) => value(frame + lead, dim)));
  const columnData: ColumnSource[] = [
    { name: 'observation.state', data: vector(0) },
    { name: 'action', data: vector(0.5) },
    { name: 'timestamp', data: rows.map(({ episode: { time = (at) => at / 10 }, frame }) => time(frame)) },
    { name: 'frame_index', data: rows.map(({ frame }) => BigInt(frame)) },
    { name: 'episode_index', data: rows.map(({ index }) => BigInt(index)) },
    { name: 'task_index', data: rows.map(() => 0n) },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema: rowSchema }));
};

const total = (episodes: readonly EpisodeOnDisk[]): number => episodes.reduce((sum, { length }) => sum + length, 0);

const joints = { dtype: 'float32', shape: [2], names: ['shoulder', 'gripper'] };

const whole = { dtype: 'int64', shape: [1], names: null };

export const camera = 'observation.images.top';

/** `meta/info.json`; with a camera where `more.video_path` says where its videos are. */
export const infoOf = (episodes: readonly EpisodeOnDisk[], more: object = {}): string =>
  JSON.stringify({
    codebase_version: 'v2.1',
    robot_type: 'testbot',
    total_episodes: episodes.length,
    total_frames: total(episodes),
    chunks_size: 1000,
    fps: 10,
    data_path: 'data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet',
    video_path: null,
    features: {
      'observation.state': joints,
      action: joints,
      timestamp: { dtype: 'float32', shape: [1], names: null },
      ...{ frame_index: whole, episode_index: whole, task_index: whole },
      ...('video_path' in more ? { [camera]: { dtype: 'video', shape: [48, 64, 3], names: null } } : {}),
    },
    ...more,
  });

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

export const dataFile = (index: number): string => `data/chunk-000/episode_${String(index).padStart(6, '0')}.parquet`;

/** Files of a dataset of version 2.1 that nothing is wrong with, to be changed by a test. */
export const filesOf = (episodes: readonly EpisodeOnDisk[], more: object = {}): Files => ({
  'meta/info.json': infoOf(episodes, more),
  'meta/tasks.jsonl': lines([{ task_index: 0, task: 'pick' }]),
  'meta/episodes.jsonl': lines(
    episodes.map(({ length }, index) => ({ episode_index: index, tasks: ['pick'], length })),
  ),
  ...Object.fromEntries(episodes.map((episode, i) => [dataFile(i), rowsOf([episode], i)])),
});

type Row = Readonly<Record<string, unknown>>;

const typeOf = (name: string, value: unknown): Schema => {
  if (typeof value === 'bigint') return plain(name, 'INT64');
  if (typeof value === 'number') return plain(name, 'DOUBLE');
  const text = { repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
  return Array.isArray(value) ? [...list(name).slice(0, 2), { name: 'element', ...text }] : [{ name, ...text }];
};

/** Rows as a parquet file. */
const tableOf = (rows: readonly Row[]): Uint8Array => {
  const names = Object.keys(rows[0] ?? {});
  const columnData = names.map((name) => ({ name, data: rows.map((row) => row[name]) }));
  const schema: Schema = [
    { name: 'root', num_children: names.length },
    ...names.flatMap((name) => typeOf(name, rows[0]?.[name])),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema }));
};

/** Rows of `meta/episodes` of episodes that follow one another in one file, and in one video. */
export const placesOf = (episodes: readonly EpisodeOnDisk[]): readonly Row[] =>
  episodes.map(({ length }, i) => {
    const from = total(episodes.slice(0, i));
    return {
      episode_index: BigInt(i),
      tasks: ['pick'],
      length: BigInt(length),
      'data/chunk_index': 0n,
      'data/file_index': 0n,
      dataset_from_index: BigInt(from),
      dataset_to_index: BigInt(from + length),
      [`videos/${camera}/chunk_index`]: 0n,
      [`videos/${camera}/file_index`]: 0n,
      [`videos/${camera}/from_timestamp`]: from / 10,
      [`videos/${camera}/to_timestamp`]: (from + length) / 10,
    };
  });

/** Where the one file of rows of a dataset of version 3 lies, and its one video. */
export const v3 = {
  rows: 'data/chunk-000/file-000.parquet',
  places: 'meta/episodes/chunk-000/file-000.parquet',
  video: `videos/${camera}/chunk-000/file-000.mp4`,
} as const;

/** Files of a dataset of version 3.0 that nothing is wrong with; its video is one by its name alone. */
export const v3FilesOf = (episodes: readonly EpisodeOnDisk[], places: readonly Row[] = placesOf(episodes)): Files => ({
  'meta/info.json': infoOf(episodes, {
    codebase_version: 'v3.0',
    data_path: 'data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet',
    video_path: 'videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4',
  }),
  'meta/tasks.parquet': tableOf([{ task_index: 0n, task: 'pick' }]),
  [v3.places]: tableOf(places),
  [v3.rows]: rowsOf(episodes, 0),
  [v3.video]: 'a video, by its name',
});

/** Writes files into a fresh directory and returns it. */
export const onDisk = (files: Files): string => {
  const root = mkdtempSync(join(tmpdir(), 'torsor-doctor-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
};
