import { type Cursor, readVarint } from './levels.js';

/** Physical types that the direct decoder reads. */
export type Physical = 'FLOAT' | 'DOUBLE' | 'INT32' | 'INT64';

/** Where decoded values go: f32 for real columns, f64 for integer ones (exact up to 2^53). */
export type Sink = Float32Array | Float64Array;

const byteWidths: Readonly<Record<Physical, number>> = { FLOAT: 4, DOUBLE: 8, INT32: 4, INT64: 8 };

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Bytes that `count` PLAIN values of a physical type take. */
export const plainLength = (physical: Physical, count: number): number => byteWidths[physical] * count;

/** Writes `count` PLAIN values from `bytes[offset …]` to `out[start …]`. */
export const writePlain = (
  bytes: Uint8Array,
  offset: number,
  physical: Physical,
  out: Sink,
  start: number,
  count: number,
): void => {
  if (physical === 'FLOAT' && littleEndian && out instanceof Float32Array) {
    const target = new Uint8Array(out.buffer, out.byteOffset + 4 * start, 4 * count);
    target.set(bytes.subarray(offset, offset + 4 * count));
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, plainLength(physical, count));
  const read = readers[physical];
  for (let i = 0; i < count; i++) out[start + i] = read(view, i);
};

const readers: Readonly<Record<Physical, (view: DataView, i: number) => number>> = {
  FLOAT: (view, i) => view.getFloat32(4 * i, true),
  DOUBLE: (view, i) => view.getFloat64(8 * i, true),
  INT32: (view, i) => view.getInt32(4 * i, true),
  INT64: (view, i) => view.getInt32(8 * i + 4, true) * 4294967296 + view.getUint32(8 * i, true),
};

/** Dictionary indices wider than this would overflow the 32-bit accumulator below. */
const widestIndex = 24;

/** Values that dictionary indices stand for; the array may be longer than `size`. */
export type Dictionary = {
  readonly values: Sink;
  readonly size: number;
};

/** A run of indices and where its values go. */
type IndexRun = {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly width: number;
  readonly at: number;
  readonly count: number;
};

/**
 * Dictionary-encoded values of a page, resolved straight into `out[start …]`: a width byte, then a run-length hybrid of
 * indices. False for what it does not read: an index outside the dictionary, a short stream, indices wider than 24 bits.
 */
export const decodeIndexed = (
  cursor: Cursor,
  count: number,
  dictionary: Dictionary,
  out: Sink,
  start: number,
): boolean => {
  const width = cursor.bytes[cursor.offset++] ?? 0;
  if (width > widestIndex || dictionary.size === 0) return false;
  const stop = start + count;
  if (width === 0) {
    // Every index is 0, with or without a run that says so.
    out.fill(dictionary.values[0] ?? 0, start, stop);
    return true;
  }
  let at = start;
  while (at < stop && cursor.offset < cursor.bytes.length) {
    const header = readVarint(cursor);
    const run = takeRun(cursor, header, width, at, stop);
    if (fillRun(run, (header & 1) === 1, dictionary.values, out) >= dictionary.size) return false;
    at += run.count;
  }
  return at === stop && cursor.offset <= cursor.bytes.length;
};

/** Writes a run's values; returns its largest index. */
const fillRun = (run: IndexRun, packed: boolean, values: Sink, out: Sink): number =>
  packed ? unpack(run, values, out) : repeat(run, values, out);

/** The run that a header announces, at most up to `stop`; the cursor moves behind its bytes. */
const takeRun = (cursor: Cursor, header: number, width: number, at: number, stop: number): IndexRun => {
  const length = header >>> 1;
  const from = cursor.offset;
  const packed = (header & 1) === 1;
  cursor.offset += packed ? length * width : (width + 7) >> 3;
  return { bytes: cursor.bytes, from, width, at, count: Math.min(stop - at, packed ? length * 8 : length) };
};

/** One index many times. Returns it. */
const repeat = (run: IndexRun, values: Sink, out: Sink): number => {
  let index = 0;
  for (let byte = 0; 8 * byte < run.width; byte++) index |= (run.bytes[run.from + byte] ?? 0) << (8 * byte);
  out.fill(values[index] ?? 0, run.at, run.at + run.count);
  return index;
};

/** Packed indices, looked up. Returns the largest of them, which the caller checks: cheaper than checking each. */
const unpack = (run: IndexRun, values: Sink, out: Sink): number => {
  const words = padded(run);
  if (values instanceof Float32Array && out instanceof Float32Array) return unpackReals(words, run, values, out);
  return unpackAny(words, run, values, out);
};

/** The run as a view with three bytes to spare, so that every index can be read as part of a 32-bit word. */
const padded = ({ bytes, from, width, count }: IndexRun): DataView => {
  const length = (width * count + 7) >> 3;
  if (from + length + 3 <= bytes.length) return new DataView(bytes.buffer, bytes.byteOffset + from, length + 3);
  const copy = new Uint8Array(length + 3);
  copy.set(bytes.subarray(from, Math.min(bytes.length, from + length)));
  return new DataView(copy.buffer);
};

/** The same loop as `unpackAny` on purpose: an engine compiles a loop over one kind of array twice as fast. */
const unpackReals = (
  words: DataView,
  { width, at, count }: IndexRun,
  values: Float32Array,
  out: Float32Array,
): number => {
  const mask = (1 << width) - 1;
  let largest = 0;
  for (let i = 0, bit = 0; i < count; i++, bit += width) {
    const index = (words.getUint32(bit >>> 3, true) >>> (bit & 7)) & mask;
    if (index > largest) largest = index;
    out[at + i] = values[index] ?? 0;
  }
  return largest;
};

const unpackAny = (words: DataView, { width, at, count }: IndexRun, values: Sink, out: Sink): number => {
  const mask = (1 << width) - 1;
  let largest = 0;
  for (let i = 0, bit = 0; i < count; i++, bit += width) {
    const index = (words.getUint32(bit >>> 3, true) >>> (bit & 7)) & mask;
    if (index > largest) largest = index;
    out[at + i] = values[index] ?? 0;
  }
  return largest;
};
