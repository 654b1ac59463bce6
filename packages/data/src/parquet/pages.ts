import { parquetHeader } from 'hyparquet/src/column.js';
import type { ColumnMetaData, DataReader, PageHeader } from 'hyparquet/src/types.js';
import type { ByteSource } from './byte-source.js';

/** Bytes of a column chunk inside its file. */
export type Extent = {
  readonly first: number;
  readonly end: number;
};

export const extentOf = (meta: ColumnMetaData): Extent => {
  const first = Number(meta.dictionary_page_offset || meta.data_page_offset);
  return { first, end: first + Number(meta.total_compressed_size) };
};

/**
 * The bytes of a column chunk.
 *
 * @throws `Error` where the file ends before it.
 */
export const readChunk = async (source: ByteSource, meta: ColumnMetaData): Promise<Uint8Array<ArrayBuffer>> => {
  const { first, end } = extentOf(meta);
  const inside = Number.isInteger(first) && Number.isInteger(end) && first >= 0 && first <= end;
  if (!inside || end > source.byteLength)
    throw new Error(`a column from byte ${first} to ${end} of ${source.byteLength}`);
  return source.read(first, end);
};

/** Values in a page, nulls among them. */
export const valuesOf = (header: PageHeader): number =>
  header.data_page_header?.num_values ??
  header.data_page_header_v2?.num_values ??
  header.dictionary_page_header?.num_values ??
  0;

/**
 * The header of the page at the reader, refused when it claims what its chunk cannot hold: a damaged size would send a
 * decoder backwards for ever, or make it take gigabytes.
 *
 * @param left - bytes from the reader's beginning to the end of its chunk.
 * @throws `Error` as the library does on a damaged header; the reader turns it into a value.
 */
export const soundHeader = (
  reader: DataReader,
  meta: ColumnMetaData,
  left: number = reader.view.byteLength,
): PageHeader => {
  const header = parquetHeader(reader);
  const within = (value: number, most: number): boolean => Number.isInteger(value) && value >= 0 && value <= most;
  const { compressed_page_size: packed, uncompressed_page_size: whole } = header;
  if (!within(packed, left - reader.offset)) throw new Error(`page of ${packed} bytes`);
  if (!within(whole, Number(meta.total_uncompressed_size))) throw new Error(`page that unpacks to ${whole} bytes`);
  if (!within(valuesOf(header), Number(meta.num_values))) throw new Error(`page of ${valuesOf(header)} values`);
  return header;
};

/** Where the library reads from. */
export const readerOf = (bytes: Uint8Array): DataReader => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
});

/** Walks over the pages of a chunk, so that another decoder can be trusted with them. Throws as `soundHeader` does. */
export const checkPages = (chunk: Uint8Array, meta: ColumnMetaData): void => {
  const reader = readerOf(chunk);
  while (reader.offset < reader.view.byteLength) {
    const { compressed_page_size } = soundHeader(reader, meta);
    reader.offset += compressed_page_size;
  }
};
