import * as E from 'fp-ts/lib/Either.js';
import { parquetRead } from 'hyparquet';
import type { FileMetaData, SchemaTree } from 'hyparquet/src/types.js';
import type { DataError } from '../error.js';
import { codecs } from './codecs.js';
import { checkPages } from './pages.js';

/** A parquet file in memory whose footer is read. */
export type PictureFile = {
  /** Name for messages. */
  readonly file: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly metadata: FileMetaData;
  readonly schema: SchemaTree;
  readonly rows: number;
};

const checkColumn = ({ file, schema }: PictureFile, column: string): DataError | undefined => {
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

const readGroups = async ({ bytes, metadata }: PictureFile, column: string, out: unknown[]): Promise<void> => {
  for (const { columns } of metadata.row_groups) {
    for (const { meta_data: meta } of columns) {
      if (meta?.path_in_schema[0] === column) checkPages(bytes, meta);
    }
  }
  await parquetRead({
    file: {
      byteLength: bytes.byteLength,
      slice: (start: number, end?: number): ArrayBuffer => bytes.slice(start, end).buffer,
    },
    metadata,
    columns: [column],
    compressors: codecs,
    utf8: false,
    onChunk: ({ columnData, rowStart }) => {
      for (let i = 0; i < columnData.length; i++) out[rowStart + i] = columnData[i];
    },
  });
};

const encodedIn = (cell: unknown): unknown =>
  typeof cell === 'object' && cell !== null && 'bytes' in cell ? cell.bytes : undefined;

/**
 * Reads the encoded pictures of a column: PNG or JPEG files, one for each row, as they were stored.
 *
 * @errors `MissingColumn`, `WrongColumnType` for a column that is no group with bytes, `NullValue` for a row without a
 * picture, `CorruptParquet`.
 */
export const readPictures = async (
  source: PictureFile,
  column: string,
): Promise<E.Either<DataError, readonly Uint8Array[]>> => {
  const { file, rows } = source;
  const wrong = checkColumn(source, column);
  if (wrong) return E.left(wrong);
  const corrupt = (cause: string): E.Either<DataError, never> => E.left({ _tag: 'CorruptParquet', file, cause });
  const cells: unknown[] = [];
  const thrown = await readGroups(source, column, cells).then(
    () => undefined,
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );
  if (thrown !== undefined) return corrupt(thrown);
  if (cells.length !== rows) return corrupt(`column ${column} ends at row ${cells.length} of ${rows}`);
  const pictures: Uint8Array[] = [];
  for (const [row, cell] of cells.entries()) {
    const encoded = encodedIn(cell);
    if (encoded === null || encoded === undefined) return E.left({ _tag: 'NullValue', file, column, row });
    if (!(encoded instanceof Uint8Array)) return corrupt(`column ${column}, row ${row} holds no bytes`);
    pictures.push(encoded);
  }
  return E.right(pictures);
};
