import * as E from 'fp-ts/lib/Either.js';
import { parquetRead } from 'hyparquet';
import type { DataError } from '../error.js';
import { asyncBufferOf } from './byte-source.js';
import { codecs } from './codecs.js';
import { corrupt, type OpenTable } from './open.js';
import { checkPages, readChunk } from './pages.js';
import type { Sink } from './values.js';

type Wanted = {
  readonly name: string;
  readonly width: number;
};

/** A value of a column, whatever it is. */
export type Cell = { readonly row: number; readonly value: unknown };

/**
 * Every value of a top-level column, by the library's general decoder.
 *
 * @throws what the library throws on damaged bytes; the reader turns it into a value.
 */
export const readCells = async ({ source, metadata }: OpenTable, name: string): Promise<readonly Cell[]> => {
  const cells: Cell[] = [];
  for (const { columns } of metadata.row_groups) {
    const meta = columns.find((chunk) => chunk.meta_data?.path_in_schema[0] === name)?.meta_data;
    if (meta) checkPages(await readChunk(source, meta), meta);
  }
  await parquetRead({
    file: asyncBufferOf(source),
    metadata,
    columns: [name],
    compressors: codecs,
    onChunk: ({ columnData, rowStart }) => {
      for (let i = 0; i < columnData.length; i++) cells.push({ row: rowStart + i, value: columnData[i] });
    },
  });
  return cells;
};

const isSequence = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || ArrayBuffer.isView(value);

const writeRow = (file: string, wanted: Wanted, cell: Cell, out: Sink): DataError | undefined => {
  const { name, width } = wanted;
  const { row } = cell;
  const values = isSequence(cell.value) ? cell.value : [cell.value];
  if (cell.value === null || cell.value === undefined) return { _tag: 'NullValue', file, column: name, row };
  if (values.length !== width) {
    return { _tag: 'WrongWidth', file, column: name, row, expected: width, found: values.length };
  }
  for (let i = 0; i < width; i++) {
    const value = values[i];
    if (value === null) return { _tag: 'NullValue', file, column: name, row };
    if (typeof value !== 'number' && typeof value !== 'bigint') {
      return { _tag: 'CorruptParquet', file, cause: `column ${name}, row ${row} holds no number` };
    }
    out[row * width + i] = Number(value);
  }
  return undefined;
};

/**
 * The library's general decoder, one value at a time: slower, but it reads every encoding and knows which row is wrong.
 */
export const readSlowly = async (
  file: string,
  table: OpenTable,
  wanted: Wanted,
  out: Sink,
): Promise<E.Either<DataError, Sink>> => {
  const cells = await readCells(table, wanted.name).then(E.right, (thrown: unknown) =>
    E.left<DataError, readonly Cell[]>(corrupt(file, thrown)),
  );
  if (E.isLeft(cells)) return cells;
  for (const cell of cells.right) {
    const error = writeRow(file, wanted, cell, out);
    if (error) return E.left(error);
  }
  const rows = out.length / wanted.width;
  return cells.right.length === rows
    ? E.right(out)
    : E.left({
        _tag: 'CorruptParquet',
        file,
        cause: `column ${wanted.name} ends at row ${cells.right.length} of ${rows}`,
      });
};
