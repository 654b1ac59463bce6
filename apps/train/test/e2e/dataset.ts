import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';

const list = (name: string) => [
  { name, repetition_type: 'OPTIONAL' as const, num_children: 1, converted_type: 'LIST' as const },
  { name: 'list', repetition_type: 'REPEATED' as const, num_children: 1 },
  { name: 'element', repetition_type: 'OPTIONAL' as const, type: 'FLOAT' as const },
];

const whole = (name: string) => ({ name, repetition_type: 'OPTIONAL' as const, type: 'INT64' as const });

const names = ['observation.state', 'action', 'timestamp', 'frame_index', 'episode_index', 'task_index'] as const;

const picture = (name: string) => [
  { name, repetition_type: 'OPTIONAL' as const, num_children: 2 },
  { name: 'bytes', repetition_type: 'OPTIONAL' as const, type: 'BYTE_ARRAY' as const },
  { name: 'path', repetition_type: 'OPTIONAL' as const, type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const },
];

/** Encoded pictures by feature. */
type Pictures = { readonly [feature: string]: (episode: number, row: number) => Uint8Array };

const parquetOf = (
  episode: number,
  rows: number,
  value: (row: number, dim: number) => number,
  pictures: Pictures,
): Uint8Array => {
  const each = <A>(of: (row: number) => A): A[] => Array.from({ length: rows }, (_, row) => of(row));
  const vector = each((row) => [value(row, 0), value(row, 1)]);
  const index = (of: (row: number) => number) => each((row) => BigInt(of(row)));
  const data = [vector, vector, each((row) => row / 10), index((row) => row), index(() => episode), index(() => 0)];
  const schema = [
    { name: 'root', num_children: names.length + Object.keys(pictures).length },
    ...list('observation.state'),
    ...list('action'),
    { name: 'timestamp', repetition_type: 'OPTIONAL' as const, type: 'FLOAT' as const },
    whole('frame_index'),
    whole('episode_index'),
    whole('task_index'),
    ...Object.keys(pictures).flatMap(picture),
  ];
  const columns = Object.entries(pictures).map(([name, of]) => ({
    name,
    data: each((row) => ({ bytes: of(episode, row), path: `${row}.png` })),
  }));
  const columnData = [...names.map((name, i) => ({ name, data: data[i] ?? [] })), ...columns];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema }));
};

/** A robot of two joints, `moves` and `still`. */
export const writeDataset = async (
  dir: string,
  options: {
    readonly episodes: number;
    /** Frames of each; 6 without it. */
    readonly rows?: number;
    readonly task?: string;
    readonly value: (episode: number, row: number, dim: number) => number;
    /** Of 32x32 pixels. */
    readonly pictures?: Pictures;
  },
): Promise<void> => {
  const { episodes, rows = 6, task = 'move', value, pictures = {} } = options;
  const joints = { dtype: 'float32', shape: [2], names: ['moves', 'still'] };
  const square = { dtype: 'image', shape: [32, 32, 3], names: ['height', 'width', 'channels'] };
  const integer = { dtype: 'int64', shape: [1], names: null };
  const info = {
    codebase_version: 'v2.1',
    robot_type: 'testbot',
    total_episodes: episodes,
    total_frames: episodes * rows,
    chunks_size: 1000,
    fps: 10,
    data_path: 'data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet',
    video_path: null,
    features: {
      'observation.state': joints,
      action: joints,
      timestamp: { dtype: 'float32', shape: [1], names: null },
      frame_index: integer,
      episode_index: integer,
      task_index: integer,
      ...Object.fromEntries(Object.keys(pictures).map((name) => [name, square])),
    },
  };
  const all = Array.from({ length: episodes }, (_, episode) => episode);
  const files: ReadonlyArray<readonly [string, string | Uint8Array]> = [
    ['meta/info.json', JSON.stringify(info)],
    ['meta/tasks.jsonl', `${JSON.stringify({ task_index: 0, task })}\n`],
    [
      'meta/episodes.jsonl',
      all.map((episode) => `${JSON.stringify({ episode_index: episode, tasks: [task], length: rows })}\n`).join(''),
    ],
    ...all.map((episode) => {
      const name = `data/chunk-000/episode_${String(episode).padStart(6, '0')}.parquet`;
      return [name, parquetOf(episode, rows, (row, dim) => value(episode, row, dim), pictures)] as const;
    }),
  ];
  for (const [name, content] of files) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
};
