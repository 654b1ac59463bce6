/** Bytes of a page with a cursor: what every decoder below advances. */
export type Cursor = {
  readonly bytes: Uint8Array;
  offset: number;
};

/** Unsigned LEB128, the integer of the run-length hybrid's run headers. */
export const readVarint = (cursor: Cursor): number => {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = cursor.bytes[cursor.offset++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
  return value >>> 0;
};

export const readUint32 = (cursor: Cursor): number => {
  const { bytes, offset } = cursor;
  cursor.offset = offset + 4;
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]];
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
};

/**
 * Whether a run-length hybrid stream at the cursor holds `count` one-bit-or-more levels that are all `level`.
 * A level stream without nulls is one long run in every writer we know, so this rarely looks at single levels.
 */
export const allLevelsAre = (cursor: Cursor, end: number, width: number, count: number, level: number): boolean => {
  let seen = 0;
  while (seen < count && cursor.offset < end) {
    const header = readVarint(cursor);
    if (header & 1) {
      const groups = header >>> 1;
      const take = Math.min(count - seen, groups * 8);
      if (!packedLevelsAre(cursor, width, take, level)) return false;
      cursor.offset += groups * width - ((take * width + 7) >> 3);
      seen += take;
    } else {
      if (cursor.bytes[cursor.offset++] !== level) return false;
      seen += header >>> 1;
    }
  }
  return seen >= count;
};

const packedLevelsAre = (cursor: Cursor, width: number, count: number, level: number): boolean => {
  const mask = (1 << width) - 1;
  let buffer = 0;
  let bits = 0;
  for (let i = 0; i < count; i++) {
    if (bits < width) {
      buffer |= (cursor.bytes[cursor.offset++] ?? 0) << bits;
      bits += 8;
    }
    if ((buffer & mask) !== level) return false;
    buffer >>>= width;
    bits -= width;
  }
  return true;
};

/**
 * Whether one-bit repetition levels at the cursor describe lists of exactly `width` values:
 * 0 at every multiple of `width`, counted from the value `first`, and 1 elsewhere.
 */
export const repeatsEvery = (cursor: Cursor, end: number, width: number, count: number, first: number): boolean => {
  let seen = 0;
  while (seen < count && cursor.offset < end) {
    const header = readVarint(cursor);
    const phase = (first + seen) % width;
    if (header & 1) {
      const take = Math.min((header >>> 1) * 8, count - seen);
      if (!packedRepeats(cursor.bytes, cursor.offset, width, take, phase)) return false;
      cursor.offset += header >>> 1;
      seen += take;
    } else {
      const take = Math.min(header >>> 1, count - seen);
      if (!runRepeats(cursor.bytes[cursor.offset++] ?? 0, width, take, phase)) return false;
      seen += take;
    }
  }
  return seen >= count;
};

const packedRepeats = (bytes: Uint8Array, from: number, width: number, count: number, start: number): boolean => {
  let phase = start;
  for (let i = 0; i < count; i += 8) {
    let expected = 0xff;
    for (let zero = phase === 0 ? 0 : width - phase; zero < 8; zero += width) expected &= ~(1 << zero);
    const known = count - i >= 8 ? 0xff : (1 << (count - i)) - 1;
    if ((((bytes[from + (i >> 3)] ?? 0) ^ expected) & known) !== 0) return false;
    phase = (phase + 8) % width;
  }
  return true;
};

/** A run of equal levels: 1s within one row, or 0s, which are rows of one value each (or a single row's start). */
const runRepeats = (level: number, width: number, count: number, phase: number): boolean => {
  if (level === 0) return count === 0 || (phase === 0 && (count === 1 || width === 1));
  return level === 1 && phase !== 0 && phase + count <= width;
};
