import * as E from 'fp-ts/lib/Either.js';
import { parquetMetadata, parquetSchema } from 'hyparquet';
import type { FileMetaData, SchemaTree } from 'hyparquet/src/types.js';
import type { DataError } from '../error.js';

/** What a decoder trips over in a file, as a value. */
export const corrupt = (file: string, thrown: unknown): DataError => ({
  _tag: 'CorruptParquet',
  file,
  cause: thrown instanceof Error ? thrown.message : String(thrown),
});

/** A parquet file in memory whose footer is read. */
export type OpenTable = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly metadata: FileMetaData;
  readonly schema: SchemaTree;
  readonly rows: number;
};

/** @errors `CorruptParquet` for bytes that are no whole file. */
export const openTable = (file: string, bytes: Uint8Array<ArrayBuffer>): E.Either<DataError, OpenTable> =>
  E.tryCatch(
    () => {
      const metadata = parquetMetadata(bytes, { geoparquet: false });
      const rows = Number(metadata.num_rows);
      if (!(rows >= 0)) throw new Error(`${rows} rows`);
      return { bytes, metadata, schema: parquetSchema(metadata), rows };
    },
    (thrown) => corrupt(file, thrown),
  );
