import * as E from 'fp-ts/lib/Either.js';
import type { RowGroup, SchemaTree } from 'hyparquet/src/types.js';
import type { DataError } from '../error.js';
import { decodeChunk, type Leaf } from './chunk.js';
import { readSlowly } from './general.js';
import { type OpenTable, openTable } from './open.js';
import { readPictures } from './pictures.js';
import type { Scratch } from './scratch.js';
import type { Physical, Sink } from './values.js';

/** A column to read: `width` numbers per row. */
export type ColumnRequest = {
  readonly name: string;
  readonly width: number;
  /** LeRobot dtype of the feature. */
  readonly dtype: string;
};

/** Columns of one parquet file: f32 for real dtypes, f64 for integer ones, `[rows, width]` row-major. */
export type Table = {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Sink>;
  /** Encoded pictures, one for each row. */
  readonly pictures: ReadonlyMap<string, readonly Uint8Array[]>;
};

const physicalOf: Readonly<Record<string, Physical>> = {
  float32: 'FLOAT',
  float64: 'DOUBLE',
  int32: 'INT32',
  int64: 'INT64',
};

/** The leaf below a top-level column: itself, or the element of a three-level or two-level list. */
const leafBelow = (column: SchemaTree): SchemaTree | undefined => {
  let node = column;
  while (node.children.length === 1 && node.children[0]) node = node.children[0];
  return node.children.length === 0 ? node : undefined;
};

const chainTo = (column: SchemaTree): readonly SchemaTree[] => {
  const chain = [column];
  for (let node = column.children[0]; node; node = node.children[0]) chain.push(node);
  return chain;
};

const findLeaf = (file: string, schema: SchemaTree, request: ColumnRequest): E.Either<DataError, Leaf> => {
  const column = schema.children.find((child) => child.element.name === request.name);
  if (!column) {
    const present = schema.children.map((child) => child.element.name);
    return E.left({ _tag: 'MissingColumn', file, column: request.name, present });
  }
  const physical = physicalOf[request.dtype];
  const leaf = leafBelow(column);
  const found = leaf?.element.type ?? 'a nested structure';
  const chain = chainTo(column);
  const lists = chain.filter((node) => node.element.repetition_type === 'REPEATED').length;
  const annotated = leaf?.element.converted_type ?? leaf?.element.logical_type?.type;
  const plain = annotated === undefined || annotated === 'INT_32' || annotated === 'INT_64' || annotated === 'INTEGER';
  if (physical === undefined || found !== physical || lists > 1 || !plain) {
    const expected = `${request.dtype} as meta/info.json says${physical ? ` (parquet ${physical})` : ', a dtype that vectors cannot have here'}`;
    const nested = lists > 1 ? 'lists of lists of ' : '';
    return E.left({
      _tag: 'WrongColumnType',
      file,
      column: request.name,
      expected,
      found: `${nested}${found}${plain ? '' : ` (${annotated})`}`,
    });
  }
  const maxDefinition = chain.filter((node) => node.element.repetition_type !== 'REQUIRED').length;
  return E.right({ physical, width: request.width, list: lists === 1, maxDefinition });
};

/** Integers go to f64, which holds every frame number exactly; reals go to f32, the training precision. */
const sinkFor = (leaf: Leaf, length: number): Sink =>
  leaf.physical === 'FLOAT' || leaf.physical === 'DOUBLE' ? new Float32Array(length) : new Float64Array(length);

const decodeGroups = (
  bytes: Uint8Array,
  groups: readonly RowGroup[],
  name: string,
  leaf: Leaf,
  out: Sink,
  scratch: Scratch,
): boolean => {
  let start = 0;
  for (const group of groups) {
    const meta = group.columns.find((chunk) => chunk.meta_data?.path_in_schema[0] === name)?.meta_data;
    const count = Number(group.num_rows) * leaf.width;
    if (!meta || Number(meta.num_values) !== count) return false;
    if (!decodeChunk(bytes, meta, leaf, { out, start, count }, scratch)) return false;
    start += count;
  }
  return start === out.length;
};

/** What to read of a file. */
export type TableRequest = {
  /** Name for messages. */
  readonly file: string;
  readonly columns: readonly ColumnRequest[];
  /** Columns of encoded pictures; none without it. */
  readonly pictures?: readonly string[];
  /** Refuses a number of rows before memory is taken for them. */
  readonly checkRows: (rows: number) => DataError | undefined;
};

/**
 * Reads flat columns out of a parquet file in memory: whole pages at a time into typed arrays, with no value per row
 * in between. What the direct decoder does not know (nulls, ragged lists, rare encodings) goes to the library's
 * general decoder, which gives the value or the row to blame.
 */
export const readTable = async (
  request: TableRequest,
  bytes: Uint8Array<ArrayBuffer>,
  scratch: Scratch,
): Promise<E.Either<DataError, Table>> => {
  const opened = openTable(request.file, bytes);
  if (E.isLeft(opened)) return opened;
  const table = opened.right;
  const wrongRows = request.checkRows(table.rows);
  if (wrongRows) return E.left(wrongRows);
  const columns = new Map<string, Sink>();
  for (const wanted of request.columns) {
    const leaf = findLeaf(request.file, table.schema, wanted);
    if (E.isLeft(leaf)) return leaf;
    const column =
      readDirectly(table, wanted, leaf.right, scratch) ??
      (await readSlowlyInto(request.file, table, wanted, leaf.right));
    if (E.isLeft(column)) return column;
    columns.set(wanted.name, column.right);
  }
  const pictures = await picturesOf(request, table);
  return E.isLeft(pictures) ? pictures : E.right({ rows: table.rows, columns, pictures: pictures.right });
};

const picturesOf = async (
  { file, pictures = [] }: TableRequest,
  table: OpenTable,
): Promise<E.Either<DataError, Table['pictures']>> => {
  const read = new Map<string, readonly Uint8Array[]>();
  for (const name of pictures) {
    const column = await readPictures({ file, ...table }, name);
    if (E.isLeft(column)) return column;
    read.set(name, column.right);
  }
  return E.right(read);
};

const readDirectly = (
  table: OpenTable,
  wanted: ColumnRequest,
  leaf: Leaf,
  scratch: Scratch,
): E.Right<Sink> | undefined => {
  // A vector of one dimension may be a plain column, but a wider one has to be a list.
  if (!leaf.list && wanted.width !== 1) return undefined;
  const out = sinkFor(leaf, table.rows * wanted.width);
  const direct = E.tryCatch(
    () => decodeGroups(table.bytes, table.metadata.row_groups, wanted.name, leaf, out, scratch),
    () => 'what the direct decoder trips over, the general one explains',
  );
  return E.isRight(direct) && direct.right ? { _tag: 'Right', right: out } : undefined;
};

const readSlowlyInto = (
  file: string,
  table: OpenTable,
  wanted: ColumnRequest,
  leaf: Leaf,
): Promise<E.Either<DataError, Sink>> =>
  readSlowly(file, table.bytes, table.metadata, wanted, sinkFor(leaf, table.rows * wanted.width));
