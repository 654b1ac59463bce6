import type { Cursor } from './cursor.js';

/** A file that a node names: its path, and what comes before the paths that are named in it. */
export type DataFile = { readonly path: string; readonly base: string };

/** Part of a file. */
export type Place = { readonly file: DataFile; readonly offset: number; readonly length: number };

const text = new TextDecoder();

/**
 * Strings of which each shares the beginning of the one before.
 *
 * @param shared - bytes that each has in common with the one before, from the second on.
 */
export const prefixed = (shared: readonly number[], suffixes: readonly Uint8Array[]): readonly Uint8Array[] => {
  const all: Uint8Array[] = [];
  for (const [i, suffix] of suffixes.entries()) {
    const common = (all[i - 1] ?? new Uint8Array()).subarray(0, i === 0 ? 0 : shared[i - 1]);
    const whole = new Uint8Array(common.length + suffix.length);
    whole.set(common);
    whole.set(suffix, common.length);
    all.push(whole);
  }
  return all;
};

/**
 * The table of files of a manifest or node.
 *
 * @param above - what comes before its paths.
 */
export const readDataFiles = (cursor: Cursor, above: string): readonly DataFile[] => {
  const count = cursor.count();
  const shared = cursor.many(Math.max(0, count - 1), () => cursor.varint());
  const lengths = cursor.many(count, () => cursor.varint());
  const bases = cursor.many(count, () => cursor.varint());
  return prefixed(
    shared,
    lengths.map((length) => cursor.take(length)),
  ).map((path, i) => ({
    path: above + text.decode(path),
    base: above + text.decode(path.subarray(0, bases[i])),
  }));
};

/** Parts of files, column by column; a number that the table has not leaves the cursor ended. */
export const readPlaces = (
  cursor: Cursor,
  files: readonly DataFile[],
  count: number,
  lengths: () => readonly number[],
): readonly Place[] => {
  const ids = cursor.many(count, () => cursor.varint());
  const offsets = cursor.many(count, () => cursor.varint());
  const sizes = lengths();
  return ids.flatMap((id, i) => {
    const file = files[id];
    if (file === undefined) cursor.ended = true;
    return file === undefined ? [] : [{ file, offset: offsets[i] ?? 0, length: sizes[i] ?? 0 }];
  });
};
