import * as E from 'fp-ts/lib/Either.js';
import { parquetMetadataAsync, parquetSchema } from 'hyparquet';
import type { FileMetaData, SchemaTree } from 'hyparquet/src/types.js';
import type { DataError } from '../error.js';
import { asyncBufferOf, type ByteSource } from './byte-source.js';

/** What a decoder trips over in a file, as a value. */
export const corrupt = (file: string, thrown: unknown): DataError => ({
  _tag: 'CorruptParquet',
  file,
  cause: thrown instanceof Error ? thrown.message : String(thrown),
});

/** A parquet file whose footer is read. */
export type OpenTable = {
  readonly source: ByteSource;
  readonly metadata: FileMetaData;
  readonly schema: SchemaTree;
  readonly rows: number;
};

/** Bytes at the end of a file that are read first: most footers are in them. */
const footerBytes = 2 ** 16;

const readFooter = async (source: ByteSource): Promise<OpenTable> => {
  const options = { geoparquet: false, initialFetchSize: footerBytes };
  const metadata = await parquetMetadataAsync(asyncBufferOf(source), options);
  const rows = Number(metadata.num_rows);
  if (!(rows >= 0)) throw new Error(`${rows} rows`);
  return { source, metadata, schema: parquetSchema(metadata), rows };
};

/** @errors `CorruptParquet` for what is no whole file. */
export const openTable = (file: string, source: ByteSource): Promise<E.Either<DataError, OpenTable>> =>
  readFooter(source).then(E.right, (thrown: unknown) => E.left(corrupt(file, thrown)));
