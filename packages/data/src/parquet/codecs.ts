import { decompressPage } from 'hyparquet/src/datapage.js';
import type { CompressionCodec } from 'hyparquet/src/types.js';
import { compressors } from 'hyparquet-compressors';

/** Every codec that parquet files use. */
export const codecs = compressors;

/**
 * A page's bytes.
 *
 * @throws `Error` on a malformed page, as the library's decompressors do; the reader turns it into a value.
 */
export const openPage = (packed: Uint8Array, size: number, codec: CompressionCodec): Uint8Array =>
  decompressPage(packed, size, codec, codecs);
