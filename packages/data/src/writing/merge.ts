import * as E from 'fp-ts/lib/Either.js';
import type { KeyValue, RowGroup } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { DataError } from '../error.js';
import { type Footer, readFooter } from '../parquet/open.js';
import { createdBy } from './table.js';

/** Bytes before the first row group, and after the footer. */
const [magic, tail] = [4, 8];

/** A row group whose bytes lie elsewhere in the file. */
const moveGroup = (group: RowGroup, by: bigint): RowGroup => {
  const moved = structuredClone(group);
  if (moved.file_offset !== undefined) moved.file_offset += by;
  for (const chunk of moved.columns) {
    chunk.file_offset += by;
    const meta = chunk.meta_data;
    if (meta === undefined) continue;
    meta.data_page_offset += by;
    if (meta.dictionary_page_offset !== undefined) meta.dictionary_page_offset += by;
  }
  return moved;
};

/**
 * One parquet file of the row groups of several that have the same columns: their bytes one after another, nothing encoded anew.
 *
 * @errors `CorruptParquet` for a file that is not whole.
 */
export const mergeTables = (
  files: readonly { readonly file: string; readonly bytes: Uint8Array<ArrayBuffer> }[],
  metadata: KeyValue[],
): E.Either<DataError, Uint8Array> => {
  const opened = E.traverseArray(({ file, bytes }: (typeof files)[number]) =>
    E.map((footer: Footer) => ({ bytes, ...footer }))(readFooter(file, bytes)),
  )(files);
  if (E.isLeft(opened)) return opened;
  const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const writer = new ByteWriter(size);
  const schema = opened.right[0]?.metadata.schema ?? [];
  const merged = new ParquetWriter({ writer, schema, codec: 'SNAPPY', kvMetadata: metadata, createdBy });
  for (const { bytes, metadata: from, rows } of opened.right) {
    const by = BigInt(writer.offset - magic);
    writer.appendBytes(bytes.subarray(magic, bytes.length - tail - from.metadata_length));
    merged.row_groups.push(...from.row_groups.map((group) => moveGroup(group, by)));
    merged.num_rows += BigInt(rows);
  }
  // It waits for nothing where it writes to memory.
  void merged.finish();
  return E.right(writer.getBytes());
};
