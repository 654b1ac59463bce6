import { parquetHeader } from 'hyparquet/src/column.js';
import type { ColumnMetaData, DataReader, PageHeader } from 'hyparquet/src/types.js';

/** Bytes of a column chunk inside its file. */
export type Extent = {
  readonly first: number;
  readonly end: number;
};

export const extentOf = (meta: ColumnMetaData): Extent => {
  const first = Number(meta.dictionary_page_offset || meta.data_page_offset);
  return { first, end: first + Number(meta.total_compressed_size) };
};

const valuesOf = (header: PageHeader): number =>
  header.data_page_header?.num_values ??
  header.data_page_header_v2?.num_values ??
  header.dictionary_page_header?.num_values ??
  0;

/**
 * The header of the page at the reader, refused when it claims what its chunk cannot hold: a damaged size would send a
 * decoder backwards for ever, or make it take gigabytes.
 *
 * @throws `Error` as the library does on a damaged header; the reader turns it into a value.
 */
export const soundHeader = (reader: DataReader, meta: ColumnMetaData): PageHeader => {
  const header = parquetHeader(reader);
  const within = (value: number, most: number): boolean => Number.isInteger(value) && value >= 0 && value <= most;
  const { compressed_page_size: packed, uncompressed_page_size: whole } = header;
  if (!within(packed, reader.view.byteLength - reader.offset)) throw new Error(`page of ${packed} bytes`);
  if (!within(whole, Number(meta.total_uncompressed_size))) throw new Error(`page that unpacks to ${whole} bytes`);
  if (!within(valuesOf(header), Number(meta.num_values))) throw new Error(`page of ${valuesOf(header)} values`);
  return header;
};

/** Walks over the pages of a chunk, so that another decoder can be trusted with them. Throws as `soundHeader` does. */
export const checkPages = (bytes: Uint8Array, meta: ColumnMetaData): void => {
  const { first, end } = extentOf(meta);
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset + first, end - first), offset: 0 };
  while (reader.offset < reader.view.byteLength) {
    const { compressed_page_size } = soundHeader(reader, meta);
    reader.offset += compressed_page_size;
  }
};
