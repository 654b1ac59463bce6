import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { Cursor } from './cursor.js';
import { type Place, readDataFiles, readPlaces } from './data-files.js';
import { openEnvelope } from './envelope.js';

/** Where the newest version of a database begins: at its root, nowhere when it is empty, or in a manifest with a number. */
export type Manifest = { readonly _tag: 'Root'; readonly place: Place } | { readonly _tag: 'Empty' | 'Numbered' };

/** A file of length zero where there is no root. */
const isAbsent = ({ length }: Place): boolean => length === 0;

const newest = (cursor: Cursor): Manifest => {
  const files = readDataFiles(cursor, '');
  const versions = cursor.count();
  cursor.many(versions, () => cursor.varint()); // generations
  cursor.many(versions, () => cursor.byte()); // heights
  const places = readPlaces(cursor, files, versions, () => cursor.many(versions, () => cursor.varint()));
  const last = places.at(-1);
  return last === undefined || isAbsent(last) ? { _tag: 'Empty' } : { _tag: 'Root', place: last };
};

/**
 * Reads `manifest.ocdbt` as far as it tells where the newest version begins.
 *
 * @returns or why it cannot be read.
 * @source TensorStore `kvstore/ocdbt/index.rst` "Manifest format" (bc4fbc11)
 */
export const readManifest = (bytes: Uint8Array): E.Either<string, Manifest> =>
  pipe(
    openEnvelope('manifest', bytes),
    E.flatMap((body) => {
      const cursor = new Cursor(body);
      cursor.take(16); // the database's own number
      const kind = cursor.varint();
      cursor.varint(); // bytes of the largest value in a node
      cursor.varint(); // bytes of the largest node
      cursor.byte(); // arity of the tree of versions
      if (cursor.varint() === 1) cursor.take(4); // level of compression
      const found: Manifest = kind === 0 ? newest(cursor) : { _tag: 'Numbered' };
      return cursor.ended ? E.left('it ends in the middle of a field') : E.right(found);
    }),
  );
