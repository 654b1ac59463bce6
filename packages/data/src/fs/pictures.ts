import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Dataset, PictureRows } from '../dataset.js';
import type { DataError } from '../error.js';
import type { ByteSource } from '../parquet/byte-source.js';
import { openTable } from '../parquet/open.js';
import { type PictureIndex, pictureIndex, readPicture } from '../parquet/pictures.js';
import { pictureCache } from '../pictures/cache.js';
import { type PictureReader, type PictureSizes, pictureBatch, pictureSizes, pixelsOf } from '../pictures/gather.js';
import { type Sample, sampleAt } from '../sampling/samples.js';
import { withSource } from './files.js';

/** Reads one encoded picture of an episode: `rows` says where it lies, below the folder of its dataset. */
export type EncodedPictures = (
  root: string,
  rows: PictureRows,
  camera: string,
  frame: number,
) => TE.TaskEither<DataError, Uint8Array>;

/** Files of which it is remembered where their pictures lie: some hundred bytes for each page. */
const remembered = 256;

const lookedUp = async (
  source: ByteSource,
  path: string,
  camera: string,
): Promise<E.Either<DataError, PictureIndex>> => {
  const table = await openTable(path, source);
  return E.isLeft(table) ? table : pictureIndex(path, camera, table.right);
};

/**
 * Reads encoded pictures where they lie, one page of a parquet file at a time; it is remembered where the pages of the
 * files used last begin.
 */
export const encodedPictures = (): EncodedPictures => {
  const indexes = new Map<string, Promise<E.Either<DataError, PictureIndex>>>();
  const indexIn = (source: ByteSource, path: string, camera: string): Promise<E.Either<DataError, PictureIndex>> => {
    const key = `${camera} of ${path}`;
    const index = indexes.get(key) ?? lookedUp(source, path, camera);
    indexes.delete(key);
    indexes.set(key, index);
    for (const oldest of indexes.keys()) {
      if (indexes.size <= remembered) break;
      indexes.delete(oldest);
    }
    return index;
  };
  return (root, { file, first }, camera, frame) => {
    const path = join(root, file);
    return withSource(path, { _tag: 'MissingFile', file: path, purpose: `pictures of ${camera}` }, async (source) => {
      const index = await indexIn(source, path, camera);
      return E.isLeft(index) ? index : readPicture(source, index.right, first + frame);
    });
  };
};

/** Pictures that are decoded side by side: so many are in memory at once. */
const atOnce = 8;

const traversed = async <A, B>(
  items: readonly A[],
  make: (item: A) => TE.TaskEither<DataError, B>,
): Promise<E.Either<DataError, readonly B[]>> => {
  const made: B[] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    const some = await Promise.all(items.slice(at, at + atOnce).map((item) => make(item)()));
    const good = E.sequenceArray(some);
    if (E.isLeft(good)) return good;
    made.push(...good.right);
  }
  return E.right(made);
};

/**
 * A reader of the pictures of `image` features, which it decodes on the thread that asks for them.
 *
 * @param cacheBytes - decoded pictures that are kept, at most.
 */
export const pictureReader = (cacheBytes: number): PictureReader => {
  const cache = pictureCache(cacheBytes);
  const encoded = encodedPictures();
  const pictureOf = (
    { root }: Dataset,
    camera: string,
    sizes: PictureSizes,
    { episode, frame }: Sample,
  ): TE.TaskEither<DataError, Uint8Array> => {
    const key = `${root}/${camera}/${episode.index}/${frame}/${sizes.wanted.join('x')}`;
    const known = cache.get(key);
    if (known !== undefined) return TE.right(known);
    const place = { dataset: root, episode: episode.index, frame, camera };
    const rows = episode.pictures.get(camera);
    if (rows === undefined) return TE.left({ _tag: 'UndecodablePicture', ...place, cause: 'it was not read' });
    return pipe(
      encoded(root, rows, camera, frame),
      TE.flatMapEither((bytes) => pixelsOf(bytes, sizes, place)),
      TE.map((pixels) => {
        cache.put(key, pixels);
        return pixels;
      }),
    );
  };
  return (samples, indices, camera, size) =>
    pipe(
      TE.Do,
      TE.bind('sizes', () => TE.fromEither(pictureSizes(samples.dataset, camera, size))),
      TE.bind('wanted', () =>
        TE.fromEither(E.traverseArray((i: number) => sampleAt(samples, i))([...Array.from(indices)])),
      ),
      TE.bind(
        'pictures',
        ({ sizes, wanted }) =>
          () =>
            traversed(wanted, (sample) => pictureOf(samples.dataset, camera, sizes, sample)),
      ),
      TE.map(({ sizes, pictures }) => pictureBatch(sizes.wanted, pictures)),
    );
};
