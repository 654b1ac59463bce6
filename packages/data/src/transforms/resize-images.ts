import * as E from 'fp-ts/lib/Either.js';
import { type DataDict, type DataValue, NdArray } from './array.js';
import { arrayOf, dictOf, wrongValue } from './entry.js';
import type { TransformError } from './error.js';
import { resizeBytesWithPad, type Size, sizeInside } from './resize-bytes.js';
import type { Rules } from './rule.js';

const name = 'ResizeImages';

const resized = (camera: string, image: NdArray, to: Size): E.Either<TransformError, NdArray> => {
  const { dtype, shape, data } = image;
  const [h = 0, w = 0, c] = shape;
  if (dtype !== 'uint8' || !(data instanceof Uint8Array) || shape.length !== 3 || c !== 3 || data.length === 0) {
    return E.left(wrongValue(name, `image.${camera}`, 'bytes [h, w, 3]', image));
  }
  const [rows, columns] = sizeInside([h, w], to);
  return rows >= 1 && columns >= 1
    ? E.right(new NdArray('uint8', [...to, 3], resizeBytesWithPad(data, [h, w], to)))
    : E.left(wrongValue(name, `image.${camera}`, `of proportions that leave a pixel in ${to.join('x')}`, image));
};

const resizeAll = (images: DataDict, to: Size): E.Either<TransformError, DataDict> => {
  const out: Record<string, DataValue> = {};
  for (const camera of Object.keys(images)) {
    const image = E.flatMap((found: NdArray) => resized(camera, found, to))(arrayOf(name, images, camera));
    if (E.isLeft(image)) return image;
    out[camera] = image.right;
  }
  return E.right(out);
};

/** Pictures in the model's size. */
export const resizeRules: Rules<'ResizeImages'> = {
  ResizeImages: ({ height, width }, dict) => {
    const images = E.flatMap((found: DataDict) => resizeAll(found, [height, width]))(dictOf(name, dict, 'image'));
    return E.map((image: DataDict) => ({ ...dict, image }))(images);
  },
};
