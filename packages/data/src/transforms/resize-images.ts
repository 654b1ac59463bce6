import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type DataDict, type DataValue, NdArray } from './array.js';
import { arrayOf, dictOf, wrongValue } from './entry.js';
import type { TransformError } from './error.js';
import { resizeBytesWithPad, type Size, sizeInside } from './resize-bytes.js';
import type { Rules } from './rule.js';

const name = 'ResizeImages';

const resizeEach = (data: Uint8Array, b: number, from: Size, to: Size): Uint8Array => {
  const [before, after] = [from[0] * from[1] * 3, to[0] * to[1] * 3];
  const out = new Uint8Array(b * after);
  for (let sample = 0; sample < b; sample++) {
    const picture = data.subarray(sample * before, (sample + 1) * before);
    out.set(resizeBytesWithPad(picture, from, to), sample * after);
  }
  return out;
};

const resized = (camera: string, image: NdArray, to: Size): E.Either<TransformError, NdArray> => {
  const { dtype, shape, data } = image;
  const [b = 0, h = 0, w = 0, c] = shape;
  if (dtype !== 'uint8' || !(data instanceof Uint8Array) || shape.length !== 4 || c !== 3 || h * w === 0) {
    return E.left(wrongValue(name, `image.${camera}`, 'bytes [h, w, 3]', image));
  }
  const [rows, columns] = sizeInside([h, w], to);
  return rows >= 1 && columns >= 1
    ? E.right(new NdArray('uint8', [b, ...to, 3], resizeEach(data, b, [h, w], to)))
    : E.left(wrongValue(name, `image.${camera}`, `of proportions that leave a pixel in ${to.join('x')}`, image));
};

const resizeAll = (images: DataDict, to: Size): E.Either<TransformError, DataDict> => {
  const out: (readonly [string, DataValue])[] = [];
  for (const camera of Object.keys(images)) {
    const image = E.flatMap((found: NdArray) => resized(camera, found, to))(arrayOf(name, images, camera));
    if (E.isLeft(image)) return image;
    out.push([camera, image.right]);
  }
  return E.right(Object.fromEntries(out));
};

/** Pictures in the model's size. */
export const resizeRules: Rules<'ResizeImages'> = {
  ResizeImages: ({ height, width }, dict) =>
    pipe(
      dictOf(name, dict, 'image'),
      E.flatMap((images) => resizeAll(images, [height, width])),
      E.map((image) => ({ ...dict, image })),
    ),
};
