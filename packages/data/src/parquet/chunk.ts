import type { ColumnMetaData, PageHeader } from 'hyparquet/src/types.js';
import { openPage } from './codecs.js';
import { allLevelsAre, type Cursor, readUint32, repeatsEvery } from './levels.js';
import { readerOf, soundHeader } from './pages.js';
import type { Scratch } from './scratch.js';
import { type Dictionary, decodeIndexed, type Physical, plainLength, type Sink, writePlain } from './values.js';

/** One leaf column as the schema describes it. */
export type Leaf = {
  readonly physical: Physical;
  /** Values per row; 1 for a plain column. */
  readonly width: number;
  /** Whether rows are lists (one repetition level). */
  readonly list: boolean;
  readonly maxDefinition: number;
};

/** Destination of a chunk: `out[start .. start + count)`. */
type Target = {
  readonly out: Sink;
  readonly start: number;
  readonly count: number;
};

const levelWidth = (max: number): number => 32 - Math.clz32(max);

/**
 * Decodes a column chunk straight into a flat array, checking that no value is null and that every list has exactly
 * `leaf.width` values. Returns false where the general decoder must look: nulls, other widths, rarer encodings.
 */
export const decodeChunk = (
  chunk: Uint8Array,
  meta: ColumnMetaData,
  leaf: Leaf,
  target: Target,
  scratch: Scratch,
): boolean => {
  const reader = readerOf(chunk);
  let dictionary: Dictionary | undefined;
  let done = 0;
  while (done < target.count) {
    if (reader.offset >= reader.view.byteLength) return false;
    const header = soundHeader(reader, meta);
    const packed = chunk.subarray(reader.offset, reader.offset + header.compressed_page_size);
    reader.offset += header.compressed_page_size;
    if (header.dictionary_page_header) {
      dictionary = readDictionary(packed, header, header.dictionary_page_header.num_values, meta, leaf, scratch);
      continue;
    }
    const page = openValues(packed, header, meta, leaf, done);
    if (!page || done + page.count > target.count) return false;
    if (!decodeValues(page, leaf, dictionary, target.out, target.start + done)) return false;
    done += page.count;
  }
  return true;
};

const readDictionary = (
  packed: Uint8Array,
  header: PageHeader,
  size: number,
  meta: ColumnMetaData,
  leaf: Leaf,
  scratch: Scratch,
): Dictionary | undefined => {
  const page = openPage(packed, header.uncompressed_page_size, meta.codec);
  if (plainLength(leaf.physical, size) > page.length) return undefined;
  const values = leaf.physical === 'FLOAT' ? scratch.reals(size) : scratch.integers(size);
  writePlain(page, 0, leaf.physical, values, 0, size);
  return { values, size };
};

type OpenPage = {
  readonly cursor: Cursor;
  readonly count: number;
  readonly encoding: string;
};

const openValues = (
  packed: Uint8Array,
  header: PageHeader,
  meta: ColumnMetaData,
  leaf: Leaf,
  done: number,
): OpenPage | undefined => {
  const v1 = header.data_page_header;
  if (!v1) return openSecondVersion(packed, header, meta, leaf, done);
  const cursor = { bytes: openPage(packed, header.uncompressed_page_size, meta.codec), offset: 0 };
  if (leaf.list && !checkRepetition(cursor, readUint32(cursor), leaf, v1.num_values, done)) return undefined;
  if (leaf.maxDefinition && !checkDefinition(cursor, readUint32(cursor), leaf, v1.num_values)) return undefined;
  return { cursor, count: v1.num_values, encoding: v1.encoding };
};

/** Data pages of version 2 keep their levels outside the compressed part. */
const openSecondVersion = (
  packed: Uint8Array,
  header: PageHeader,
  meta: ColumnMetaData,
  leaf: Leaf,
  done: number,
): OpenPage | undefined => {
  const page = header.data_page_header_v2;
  if (!page || page.num_nulls > 0) return undefined;
  const levels = { bytes: packed, offset: 0 };
  const { num_values: count, repetition_levels_byte_length: rep, definition_levels_byte_length: def } = page;
  if (leaf.list && !checkRepetition(levels, rep, leaf, count, done)) return undefined;
  levels.offset = rep;
  if (leaf.maxDefinition && !checkDefinition(levels, def, leaf, count)) return undefined;
  const rest = packed.subarray(rep + def);
  const size = header.uncompressed_page_size - rep - def;
  const bytes = page.is_compressed === false ? rest : openPage(rest, size, meta.codec);
  return { cursor: { bytes, offset: 0 }, count, encoding: page.encoding };
};

const checkRepetition = (cursor: Cursor, length: number, leaf: Leaf, count: number, done: number): boolean => {
  const end = cursor.offset + length;
  const ok = repeatsEvery(cursor, end, leaf.width, count, done);
  cursor.offset = end;
  return ok;
};

const checkDefinition = (cursor: Cursor, length: number, leaf: Leaf, count: number): boolean => {
  const end = cursor.offset + length;
  const ok = allLevelsAre(cursor, end, levelWidth(leaf.maxDefinition), count, leaf.maxDefinition);
  cursor.offset = end;
  return ok;
};

const decodeValues = (
  page: OpenPage,
  leaf: Leaf,
  dictionary: Dictionary | undefined,
  out: Sink,
  start: number,
): boolean => {
  const { cursor, count, encoding } = page;
  if (encoding === 'PLAIN') {
    if (cursor.offset + plainLength(leaf.physical, count) > cursor.bytes.length) return false;
    writePlain(cursor.bytes, cursor.offset, leaf.physical, out, start, count);
    return true;
  }
  if (encoding !== 'RLE_DICTIONARY' && encoding !== 'PLAIN_DICTIONARY') return false;
  return dictionary !== undefined && decodeIndexed(cursor, count, dictionary, out, start);
};
