import * as E from 'fp-ts/lib/Either.js';
import { parquetMetadata, parquetMetadataAsync, parquetSchema } from 'hyparquet';
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

/** What the footer of a parquet file says. */
export type Footer = Omit<OpenTable, 'source'>;

const footerOf = (metadata: FileMetaData): Footer => {
  const rows = Number(metadata.num_rows);
  if (!(rows >= 0)) throw new Error(`${rows} rows`);
  return { metadata, schema: parquetSchema(metadata), rows };
};

/** @errors `CorruptParquet` for bytes that are no whole file. */
export const readFooter = (file: string, bytes: Uint8Array<ArrayBuffer>): E.Either<DataError, Footer> =>
  E.tryCatch(
    () => footerOf(parquetMetadata(bytes, { geoparquet: false })),
    (thrown) => corrupt(file, thrown),
  );

/** @errors `CorruptParquet` for what is no whole file. */
export const openTable = (file: string, source: ByteSource): Promise<E.Either<DataError, OpenTable>> =>
  parquetMetadataAsync(asyncBufferOf(source), { geoparquet: false, initialFetchSize: footerBytes })
    .then((metadata) => E.right({ source, ...footerOf(metadata) }))
    .catch((thrown: unknown) => E.left(corrupt(file, thrown)));
