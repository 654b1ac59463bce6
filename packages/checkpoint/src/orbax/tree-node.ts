import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { Cursor } from './cursor.js';
import { type DataFile, type Place, prefixed, readDataFiles, readPlaces } from './data-files.js';
import { openEnvelope } from './envelope.js';

/** A value of the database: in the tree itself, or in a file. */
export type Value = { readonly _tag: 'Inline'; readonly bytes: Uint8Array } | ({ readonly _tag: 'File' } & Place);

/** A node of the tree: keys with their values, or further nodes with what all keys below them begin with. */
export type TreeNode =
  | { readonly _tag: 'Leaf'; readonly entries: readonly (readonly [key: string, value: Value])[] }
  | { readonly _tag: 'Interior'; readonly children: readonly (readonly [prefix: string, place: Place])[] };

const text = new TextDecoder();

const varints = (cursor: Cursor, count: number): readonly number[] => cursor.many(count, () => cursor.varint());

const readLeaf = (cursor: Cursor, files: readonly DataFile[], prefix: string, count: number): TreeNode => {
  const shared = varints(cursor, Math.max(0, count - 1));
  const keys = prefixed(
    shared,
    varints(cursor, count).map((length) => cursor.take(length)),
  );
  const lengths = varints(cursor, count);
  const kinds = varints(cursor, count);
  const outside = lengths.filter((_, i) => kinds[i] === 1);
  const places = [...readPlaces(cursor, files, outside.length, () => outside)];
  const entries = keys.map((key, i): readonly [string, Value] => {
    const place = kinds[i] === 1 ? places.shift() : undefined;
    const value: Value =
      place === undefined ? { _tag: 'Inline', bytes: cursor.take(lengths[i] ?? 0) } : { _tag: 'File', ...place };
    return [prefix + text.decode(key), value];
  });
  return { _tag: 'Leaf', entries };
};

const readInterior = (cursor: Cursor, files: readonly DataFile[], prefix: string, count: number): TreeNode => {
  const shared = varints(cursor, Math.max(0, count - 1));
  const suffixes = varints(cursor, count);
  const common = varints(cursor, count);
  const keys = prefixed(
    shared,
    suffixes.map((length) => cursor.take(length)),
  );
  const places = readPlaces(cursor, files, count, () => varints(cursor, count));
  const children = keys.flatMap((key, i) => {
    const place = places[i];
    return place === undefined ? [] : [[prefix + text.decode(key.subarray(0, common[i])), place] as const];
  });
  return { _tag: 'Interior', children };
};

/**
 * Reads a node of the tree.
 *
 * @param prefix - what all its keys begin with.
 * @param above - what comes before the paths of its files.
 * @returns or why it cannot be read.
 * @source TensorStore `kvstore/ocdbt/index.rst` "B+tree node format" (bc4fbc11)
 */
export const readTreeNode = (bytes: Uint8Array, prefix: string, above: string): E.Either<string, TreeNode> =>
  pipe(
    openEnvelope('node', bytes),
    E.flatMap((body) => {
      const cursor = new Cursor(body);
      const height = cursor.byte();
      const files = readDataFiles(cursor, above);
      const read = height === 0 ? readLeaf : readInterior;
      const node = read(cursor, files, prefix, cursor.count());
      return cursor.ended ? E.left('it ends in the middle of a field') : E.right(node);
    }),
  );
