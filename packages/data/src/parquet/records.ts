import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { DataError } from '../error.js';
import type { Json, JsonObject } from '../json.js';
import { sourceOfBytes } from './byte-source.js';
import { readCells } from './general.js';
import { corrupt, openTable } from './open.js';

/** Columns of a small table: those that it must have, and those that it may. */
export type RecordColumns = { readonly required: readonly string[]; readonly optional?: readonly string[] };

/** A value as JSON has it: whole numbers beyond 2^53, and bytes, become texts that no schema takes for a number. */
const jsonOf = (value: unknown): Json => {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<unknown>, jsonOf);
  return `a ${typeof value}`;
};

const readAll = async (
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
  { required, optional = [] }: RecordColumns,
): Promise<E.Either<DataError, readonly JsonObject[]>> => {
  const opened = await openTable(file, sourceOfBytes(bytes));
  if (E.isLeft(opened)) return opened;
  const { schema, rows } = opened.right;
  const present = schema.children.map(({ element }) => element.name);
  const missing = required.find((column) => !present.includes(column));
  if (missing !== undefined) return E.left({ _tag: 'MissingColumn', file, column: missing, present });
  const records: Record<string, Json>[] = [];
  for (const column of [...required, ...optional.filter((name) => present.includes(name))]) {
    const cells = await readCells(opened.right, column);
    if (cells.length !== rows) return E.left(corrupt(file, `column ${column} ends at row ${cells.length} of ${rows}`));
    for (const { row, value } of cells) {
      const record = records[row] ?? {};
      record[column] = jsonOf(value);
      records[row] = record;
    }
  }
  return records.length === rows ? E.right(records) : E.left(corrupt(file, `${records.length} of ${rows} rows`));
};

/**
 * The rows of a small parquet table as objects: for metadata, where a value at a time is quick enough.
 *
 * @errors `MissingColumn` for a required one; `CorruptParquet`.
 */
export const readRecords =
  (
    file: string,
    bytes: Uint8Array<ArrayBuffer>,
    columns: RecordColumns,
  ): TE.TaskEither<DataError, readonly JsonObject[]> =>
  () =>
    readAll(file, bytes, columns).catch((thrown: unknown) => E.left(corrupt(file, thrown)));
