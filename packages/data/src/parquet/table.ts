import * as E from 'fp-ts/lib/Either.js';
import type { ColumnMetaData, SchemaTree } from 'hyparquet/src/types.js';
import type { DataError } from '../error.js';
import { type ByteSource, sourceOfBytes } from './byte-source.js';
import { decodeChunk, type Leaf } from './chunk.js';
import { readSlowly } from './general.js';
import { type OpenTable, openTable } from './open.js';
import { readChunk } from './pages.js';
import { wrongPictureColumn } from './pictures.js';
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

const chunksOf = ({ metadata }: OpenTable, name: string): readonly (ColumnMetaData | undefined)[] =>
  metadata.row_groups.map(({ columns }) => columns.find((of) => of.meta_data?.path_in_schema[0] === name)?.meta_data);

const decodeGroups = async (
  table: OpenTable,
  name: string,
  leaf: Leaf,
  out: Sink,
  scratch: Scratch,
): Promise<boolean> => {
  const chunks = chunksOf(table, name);
  let start = 0;
  for (const [i, { num_rows: rows }] of table.metadata.row_groups.entries()) {
    const meta = chunks[i];
    const count = Number(rows) * leaf.width;
    if (!meta || Number(meta.num_values) !== count) return false;
    const chunk = await readChunk(table.source, meta);
    if (!decodeChunk(chunk, meta, leaf, { out, start, count }, scratch)) return false;
    start += count;
  }
  return start === out.length;
};

/**
 * The file in memory where most of it is wanted: one read is quicker than one for each chunk. Pictures, which are most of
 * a file that has them, stay where they are.
 */
const residentWhere = async (table: OpenTable, columns: readonly ColumnRequest[]): Promise<OpenTable> => {
  const { source } = table;
  const sizes = columns.flatMap(({ name }) =>
    chunksOf(table, name).map((meta) => Number(meta?.total_compressed_size ?? 0)),
  );
  const wanted = sizes.reduce((sum, size) => sum + size, 0);
  if (2 * wanted < source.byteLength) return table;
  return { ...table, source: sourceOfBytes(await source.read(0, source.byteLength)) };
};

/** What to read of a file. */
export type TableRequest = {
  /** Name for messages. */
  readonly file: string;
  readonly columns: readonly ColumnRequest[];
  /** Columns of encoded pictures, which must be there and stay in the file; none without it. */
  readonly pictures?: readonly string[];
  /** Refuses a number of rows before memory is taken for them. */
  readonly checkRows: (rows: number) => DataError | undefined;
};

/**
 * Reads flat columns out of a parquet file: whole pages at a time into typed arrays, with no value per row in between.
 * What the direct decoder does not know (nulls, ragged lists, rare encodings) goes to the library's general decoder,
 * which gives the value or the row to blame.
 */
export const readTable = async (
  request: TableRequest,
  source: ByteSource,
  scratch: Scratch,
): Promise<E.Either<DataError, Table>> => {
  const { file, columns: wanted, pictures = [] } = request;
  const opened = await openTable(file, source);
  if (E.isLeft(opened)) return opened;
  const { rows, schema } = opened.right;
  const wrong =
    request.checkRows(rows) ??
    pictures.map((column) => wrongPictureColumn(file, schema, column)).find((error) => error !== undefined);
  if (wrong) return E.left(wrong);
  const table = await residentWhere(opened.right, wanted);
  const columns = new Map<string, Sink>();
  for (const column of wanted) {
    const read = await readColumn(file, table, column, scratch);
    if (E.isLeft(read)) return read;
    columns.set(column.name, read.right);
  }
  return E.right({ rows, columns });
};

const readColumn = async (
  file: string,
  table: OpenTable,
  wanted: ColumnRequest,
  scratch: Scratch,
): Promise<E.Either<DataError, Sink>> => {
  const leaf = findLeaf(file, table.schema, wanted);
  if (E.isLeft(leaf)) return leaf;
  const direct = await readDirectly(table, wanted, leaf.right, scratch);
  return direct ?? readSlowly(file, table, wanted, sinkFor(leaf.right, table.rows * wanted.width));
};

const readDirectly = async (
  table: OpenTable,
  wanted: ColumnRequest,
  leaf: Leaf,
  scratch: Scratch,
): Promise<E.Right<Sink> | undefined> => {
  // A vector of one dimension may be a plain column, but a wider one has to be a list.
  if (!leaf.list && wanted.width !== 1) return undefined;
  const out = sinkFor(leaf, table.rows * wanted.width);
  // What the direct decoder trips over, the general one explains.
  const isRead = await decodeGroups(table, wanted.name, leaf, out, scratch).catch(() => false);
  return isRead ? { _tag: 'Right', right: out } : undefined;
};
