import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { readDataset, sampleDatasetPath, showDataError } from '../src/index.js';

/** Rows per second of the reader and of two row-by-row loops over the same files and columns, measured in turn in one run. */
export type ReaderBench = {
  readonly rows: number;
  readonly rowsPerSecond: { readonly reader: number; readonly objects: number; readonly calls: number };
  /** Reader against `parquetReadObjects` per file and a loop over its rows: the strict comparison. */
  readonly ratioToObjects: number;
  /** Reader against one `parquetReadObjects` call per row. */
  readonly ratioToCalls: number;
};

const columns = ['observation.state', 'action', 'timestamp', 'frame_index', 'episode_index', 'task_index'];

/** Rows asked for one by one in each round; a call per row is too slow for all of them. */
const calledRows = 40;

type Row = Record<string, unknown>;

const numbers = (value: unknown): readonly number[] => (Array.isArray(value) ? value.map(Number) : [Number(value)]);

/** What the loops leave behind, so that no engine drops their work. */
const keep = (rows: readonly Row[], into: number[]): void => {
  for (const row of rows) for (const name of columns) for (const value of numbers(row[name])) into.push(value);
};

const readObjects = async (files: readonly string[]): Promise<number> => {
  let rows = 0;
  for (const path of files) {
    const objects: Row[] = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
    keep(objects, []);
    rows += objects.length;
  }
  return rows;
};

const readByCalls = async (path: string): Promise<number> => {
  const file = await asyncBufferFromFile(path);
  const into: number[] = [];
  for (let row = 0; row < calledRows; row++) {
    keep(await parquetReadObjects({ file, columns, rowStart: row, rowEnd: row + 1 }), into);
  }
  return calledRows;
};

const readOurs = async (root: string): Promise<number> => {
  const read = await readDataset(root, { withoutCameras: 'all' })();
  if (E.isLeft(read)) throw new Error(showDataError(read.left));
  return read.right.episodes.reduce((sum, episode) => sum + episode.length, 0);
};

const rate = async (task: () => Promise<number>): Promise<number> => {
  const start = performance.now();
  const rows = await task();
  return (1000 * rows) / (performance.now() - start);
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Times the reader against naive loops: rounds in turn, so that all see the same machine, and medians of them. */
export const benchReader = async (root = sampleDatasetPath(), rounds = 12): Promise<ReaderBench> => {
  const chunk = join(root, 'data', 'chunk-000');
  const files = (await readdir(chunk)).toSorted().map((name) => join(chunk, name));
  const first = files[0] ?? '';
  const reader: number[] = [];
  const objects: number[] = [];
  const calls: number[] = [];
  const rows = await readOurs(root);
  for (let round = 0; round < rounds; round++) {
    objects.push(await rate(() => readObjects(files)));
    reader.push(await rate(() => readOurs(root)));
    calls.push(await rate(() => readByCalls(first)));
  }
  const rowsPerSecond = { reader: median(reader), objects: median(objects), calls: median(calls) };
  return {
    rows,
    rowsPerSecond,
    ratioToObjects: rowsPerSecond.reader / rowsPerSecond.objects,
    ratioToCalls: rowsPerSecond.reader / rowsPerSecond.calls,
  };
};
