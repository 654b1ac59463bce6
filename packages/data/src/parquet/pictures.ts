import * as E from 'fp-ts/lib/Either.js';
import { readColumn } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { getTreePath } from 'hyparquet/src/schema.js';
import type { ColumnDecoder, ColumnMetaData, SchemaTree } from 'hyparquet/src/types.js';
import type { DataError } from '../error.js';
import type { ByteSource } from './byte-source.js';
import { codecs } from './codecs.js';
import { corrupt, type OpenTable } from './open.js';
import { type Extent, extentOf, readerOf, soundHeader, valuesOf } from './pages.js';

/** Says why a column holds no encoded pictures; nothing where it does. */
export const wrongPictureColumn = (file: string, schema: SchemaTree, column: string): DataError | undefined => {
  const found = schema.children.find(({ element }) => element.name === column);
  if (!found)
    return { _tag: 'MissingColumn', file, column, present: schema.children.map(({ element }) => element.name) };
  const encoded = found.children.find(({ element }) => element.name === 'bytes');
  if (encoded?.element.type === 'BYTE_ARRAY' && encoded.element.repetition_type !== 'REPEATED') return undefined;
  const inside = found.children.map(({ element }) => element.name).join(', ');
  return {
    _tag: 'WrongColumnType',
    file,
    column,
    expected: 'pictures as meta/info.json says (a group of bytes and path)',
    found: found.element.type ?? `a group of ${inside}`,
  };
};

/** A page of pictures: where it lies in the file, header and all, and which rows of the table it holds. */
type PicturePage = Extent & {
  readonly firstRow: number;
  readonly rows: number;
  /** The pictures that it may name by number. */
  readonly dictionary: Extent | null;
  readonly meta: ColumnMetaData;
};

/** Where every picture of a column lies in its file. */
export type PictureIndex = {
  /** Name for messages. */
  readonly file: string;
  readonly column: string;
  readonly rows: number;
  readonly pages: readonly PicturePage[];
  readonly decoder: Omit<ColumnDecoder, 'codec'>;
};

/** Bytes that are read of a page for its header, and how often as many more where that is not enough. */
const headerBytes = 2 ** 12;
const enlarged = [1, 2 ** 4, 2 ** 12];

type Header = ReturnType<typeof soundHeader> & { readonly size: number };

/** The header of the page at a place of a chunk; most are some twenty bytes, but one may hold the extremes of its values. */
const headerAt = async (source: ByteSource, meta: ColumnMetaData, at: number, end: number): Promise<Header> => {
  let thrown: unknown;
  for (const times of enlarged) {
    const last = Math.min(end, at + times * headerBytes);
    const reader = readerOf(await source.read(at, last));
    try {
      const header = soundHeader(reader, meta, end - at);
      return { ...header, size: reader.offset };
    } catch (error) {
      thrown = error;
      if (last === end) break;
    }
  }
  throw thrown;
};

const pagesOf = async (source: ByteSource, meta: ColumnMetaData, first: number): Promise<readonly PicturePage[]> => {
  const { first: begin, end } = extentOf(meta);
  if (!(begin >= 0 && begin <= end && end <= source.byteLength))
    throw new Error(`a column from byte ${begin} to ${end} of ${source.byteLength}`);
  const pages: PicturePage[] = [];
  let dictionary: Extent | null = null;
  let firstRow = first;
  for (let at = begin; at < end; ) {
    const header = await headerAt(source, meta, at, end);
    const extent = { first: at, end: at + header.size + header.compressed_page_size };
    if (header.dictionary_page_header) dictionary = extent;
    else {
      const rows = valuesOf(header);
      pages.push({ ...extent, firstRow, rows, dictionary, meta });
      firstRow += rows;
    }
    at = extent.end;
  }
  return pages;
};

const indexOf = async (
  file: string,
  column: string,
  { source, metadata, schema, rows }: OpenTable,
): Promise<PictureIndex> => {
  const path = [column, 'bytes'];
  const schemaPath = getTreePath(schema, path);
  const element = schemaPath.at(-1)?.element ?? schema.element;
  const pages: PicturePage[] = [];
  let first = 0;
  for (const group of metadata.row_groups) {
    const meta = group.columns.find(
      ({ meta_data: of }) => of?.path_in_schema[0] === column && of.path_in_schema[1] === 'bytes',
    )?.meta_data;
    if (meta === undefined) throw new Error(`column ${column} ends at row ${first} of ${rows}`);
    const found = await pagesOf(source, meta, first);
    pages.push(...found);
    first += Number(group.num_rows);
    const end = found.reduce((sum, page) => sum + page.rows, first - Number(group.num_rows));
    if (end !== first) throw new Error(`column ${column} ends at row ${end} of ${first}`);
  }
  const decoder = {
    pathInSchema: path,
    type: 'BYTE_ARRAY',
    element,
    schemaPath,
    compressors: codecs,
    parsers: DEFAULT_PARSERS,
    utf8: false,
  } as const;
  return { file, column, rows, pages, decoder: { ...decoder, pathInSchema: [...path] } };
};

/**
 * Looks up where the pictures of a column lie: headers of pages are read, no picture is.
 *
 * @errors `MissingColumn`, `WrongColumnType` for a column that is no group with bytes, `CorruptParquet`.
 */
export const pictureIndex = (
  file: string,
  column: string,
  table: OpenTable,
): Promise<E.Either<DataError, PictureIndex>> => {
  const wrong = wrongPictureColumn(file, table.schema, column);
  if (wrong) return Promise.resolve(E.left(wrong));
  return indexOf(file, column, table).then(E.right, (thrown: unknown) => E.left(corrupt(file, thrown)));
};

const pageOf = (pages: readonly PicturePage[], row: number): PicturePage | undefined => {
  let [low, high] = [0, pages.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pages[middle]?.firstRow ?? 0) <= row) low = middle;
    else high = middle - 1;
  }
  return pages[low];
};

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

/** The library puts a value into a list for every group around it that may be null. */
const leafOf = (cell: unknown): unknown => (Array.isArray(cell) ? leafOf(cell[0]) : cell);

const cellAt = async (source: ByteSource, { pages, decoder }: PictureIndex, row: number): Promise<unknown> => {
  const page = pageOf(pages, row);
  if (page === undefined || row >= page.firstRow + page.rows) throw new Error(`no page holds row ${row}`);
  const extents = page.dictionary === null ? [page] : [page.dictionary, page];
  const parts = await Promise.all(extents.map(({ first, end }) => source.read(first, end)));
  const select = { groupStart: 0, selectStart: 0, selectEnd: page.rows, groupRows: page.rows };
  const { data } = readColumn(readerOf(joined(parts)), select, { ...decoder, codec: page.meta.codec });
  return leafOf(data[0]?.[row - page.firstRow]);
};

/**
 * One encoded picture, a PNG or JPEG file as it was stored; the other pictures of its page are not kept.
 *
 * @param row - in `[0, index.rows)`.
 * @errors `NullValue` for a row without a picture, `CorruptParquet`.
 */
export const readPicture = async (
  source: ByteSource,
  index: PictureIndex,
  row: number,
): Promise<E.Either<DataError, Uint8Array>> => {
  const { file, column } = index;
  const cell = await cellAt(source, index, row).then(E.right, (thrown: unknown) => E.left(corrupt(file, thrown)));
  if (E.isLeft(cell)) return cell;
  if (cell.right === null || cell.right === undefined) return E.left({ _tag: 'NullValue', file, column, row });
  if (cell.right instanceof Uint8Array) return E.right(cell.right.slice());
  return E.left(corrupt(file, `column ${column}, row ${row} holds no bytes`));
};
