import { decompressPage } from 'hyparquet/src/datapage.js';
import type { CompressionCodec, Compressors } from 'hyparquet/src/types.js';
import { compressors } from 'hyparquet-compressors';
import type { Scratch } from './scratch.js';
import { decompressSnappy } from './snappy.js';

/** Every codec that parquet files use, Snappy by our own decoder. */
export const codecs: Compressors = { ...compressors, SNAPPY: (input, size) => decompressSnappy(input, size) };

/** A page's bytes; those of a Snappy page live in the scratch memory until the next page. */
export const openPage = (packed: Uint8Array, size: number, codec: CompressionCodec, scratch: Scratch): Uint8Array =>
  codec === 'SNAPPY' ? decompressSnappy(packed, size, scratch.page(size)) : decompressPage(packed, size, codec, codecs);
