import { join } from 'node:path';
import { type OpenFile, showFileError, withFile } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { DataError } from '../error.js';
import type { EpisodeRecord } from '../meta/episode-record.js';
import type { ByteSource } from '../parquet/byte-source.js';
import { readCells } from '../parquet/general.js';
import { corrupt, openTable } from '../parquet/open.js';
import { makeScratch } from '../parquet/scratch.js';
import { readTable } from '../parquet/table.js';
import type { WriteError } from '../writing/error.js';
import { type ExactStats, exactStats } from '../writing/exact-stats.js';
import type { FeatureStats } from '../writing/feature-stats.js';
import { measuredFeatures } from '../writing/meta-tables.js';
import { type ColumnSpec, isCameraSpec, type Layout } from '../writing/spec.js';
import type { Disk } from './recording-files.js';

/** A data file, and the rows that it has. */
type DataFile = { readonly file: string; readonly rows: number; readonly episodes: readonly number[] };

const dataFiles = (records: readonly EpisodeRecord[]): readonly DataFile[] => {
  const files = new Map<string, DataFile>();
  for (const { index, rows } of records) {
    const episodes = [...(files.get(rows.file)?.episodes ?? []), index];
    files.set(rows.file, { file: rows.file, rows: rows.ofFile, episodes });
  }
  return [...files.values()];
};

/** Parts of an open file, as they are asked for. */
const sourceOf = (open: OpenFile): ByteSource => ({
  byteLength: open.bytes,
  read: async (start, end) => {
    const bytes = new Uint8Array(end - start);
    const read = await open.read(start, bytes)();
    if (E.isLeft(read)) throw new Error(showFileError(read.left));
    return bytes;
  },
});

const booleansOf = async (
  { file }: DataFile,
  source: ByteSource,
  { name, width }: ColumnSpec,
): Promise<E.Either<DataError, Uint8Array>> => {
  const opened = await openTable(file, source);
  if (E.isLeft(opened)) return opened;
  const cells = await readCells(opened.right, name).then(
    (read) => E.right(read),
    (thrown: unknown) => E.left(corrupt(file, thrown)),
  );
  if (E.isLeft(cells)) return cells;
  const out = new Uint8Array(opened.right.rows * width);
  for (const { row, value } of cells.right) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (values.length !== width) {
      return E.left({ _tag: 'WrongWidth', file, column: name, row, expected: width, found: values.length });
    }
    values.forEach((item, i) => {
      out[row * width + i] = item === true ? 1 : 0;
    });
  }
  return E.right(out);
};

const valuesOf = async (
  file: DataFile,
  source: ByteSource,
  column: ColumnSpec,
): Promise<E.Either<DataError, ArrayLike<number>>> => {
  if (column.dtype === 'bool') return booleansOf(file, source, column);
  const request = {
    file: file.file,
    columns: [column],
    checkRows: (found: number): DataError | undefined =>
      found === file.rows
        ? undefined
        : { _tag: 'RowCountMismatch', file: file.file, episodes: file.episodes, expected: file.rows, found },
  };
  const table = await readTable(request, source, makeScratch());
  return E.map((read: { columns: ReadonlyMap<string, ArrayLike<number>> }) => read.columns.get(column.name) ?? [])(
    table,
  );
};

type Measured = { readonly column: ColumnSpec; readonly stats: ExactStats };

/** Adds a file's columns to the pass that goes on; pictures are left on the disk. */
const addFile = ({ fs, dir }: Disk, file: DataFile, measured: readonly Measured[]): TE.TaskEither<WriteError, void> =>
  withFile(
    fs,
    join(dir, file.file),
  )(
    (open): TE.TaskEither<WriteError, void> =>
      pipe(
        measured,
        TE.traverseSeqArray(({ column, stats }) =>
          pipe(
            (): Promise<E.Either<WriteError, ArrayLike<number>>> => valuesOf(file, sourceOf(open), column),
            TE.map((values) => stats.add(values)),
          ),
        ),
        TE.map(() => undefined),
      ),
  );

/** One pass over all files, of what needs it. */
const runPass = (
  disk: Disk,
  files: readonly DataFile[],
  measured: readonly Measured[],
): TE.TaskEither<WriteError, void> =>
  pipe(
    files,
    TE.traverseSeqArray((file) => addFile(disk, file, measured)),
    TE.flatMapIO(() => () => {
      for (const { stats } of measured) stats.endPass();
    }),
  );

/**
 * Exact statistics of every column of numbers or booleans over the whole dataset, a data file in memory at a time: whole numbers are
 * read four times, others twice.
 *
 * @errors `CannotRead`; those of damaged data files.
 */
export const measureDataset = (
  disk: Disk,
  layout: Layout,
  records: readonly EpisodeRecord[],
): TE.TaskEither<WriteError, ReadonlyMap<string, FeatureStats>> => {
  const measured = measuredFeatures(layout)
    .filter((feature): feature is ColumnSpec => !isCameraSpec(feature))
    .map((column) => ({ column, stats: exactStats(column.width, column.dtype === 'int64' ? 64 : 32) }));
  const files = dataFiles(records);
  const passes = Math.max(...measured.map(({ stats }) => stats.passes));
  return pipe(
    Array.from({ length: passes }, (_, pass) => measured.filter(({ stats }) => stats.passes > pass)),
    TE.traverseSeqArray((needing) => runPass(disk, files, needing)),
    TE.map(() => new Map(measured.map(({ column, stats }) => [column.name, stats.statistics()]))),
  );
};
