import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { NdArray } from './array.js';
import { wrongValue } from './entry.js';
import type { TransformError } from './error.js';
import type { Reals } from './reals.js';

/** Numbers in [0, 1] as bytes, fractions cut: openpi's conversion, in the precision of the numbers. */
const bytesOf = (transform: string, key: string, data: Reals, b: number): E.Either<TransformError, Uint8Array> => {
  const round = data instanceof Float32Array ? Math.fround : Number;
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? 0;
    // NaN fails both comparisons.
    if (!(value >= 0 && value <= 1)) {
      const size = data.length / b;
      const sample = b === 1 ? null : Math.floor(i / size);
      return E.left({ _tag: 'ImageOutOfRange', transform, key, sample, position: i % size, value });
    }
    bytes[i] = Math.trunc(round(255 * value));
  }
  return E.right(bytes);
};

const pictureBytes = (transform: string, key: string, image: NdArray): E.Either<TransformError, Uint8Array> => {
  const { dtype, shape, data } = image;
  if (dtype === 'uint8' && data instanceof Uint8Array) return E.right(data);
  return data instanceof Float32Array || data instanceof Float64Array
    ? bytesOf(transform, key, data, shape[0] ?? 1)
    : E.left(wrongValue(transform, key, 'bytes, or real numbers in [0, 1]', image));
};

/** `[b, 3, h, w]` as `[b, h, w, 3]`. */
const channelsLast = (bytes: Uint8Array, b: number, pixels: number): Uint8Array => {
  const out = new Uint8Array(bytes.length);
  for (let sample = 0; sample < b; sample++) {
    const start = sample * pixels * 3;
    for (let i = 0; i < pixels; i++) {
      for (let c = 0; c < 3; c++) out[start + 3 * i + c] = bytes[start + c * pixels + i] ?? 0;
    }
  }
  return out;
};

/** Where the channels are: first always, or first exactly when the first of a picture's three axes has extent 3. */
export type Layout = 'channelsFirst' | 'byShape';

/**
 * Pictures as bytes `[b, h, w, 3]`.
 *
 * @errors `WrongValue` for a shape or dtype that is no picture; `ImageOutOfRange` for a real number outside [0, 1], or NaN.
 */
export const picturesOf = (
  transform: string,
  key: string,
  image: NdArray,
  layout: Layout,
): E.Either<TransformError, NdArray> => {
  const { shape } = image;
  const [b = 0, first = 0, second = 0, third = 0] = shape;
  const isFirst = shape.length === 4 && first === 3;
  const isLast = shape.length === 4 && third === 3 && layout === 'byShape';
  const expected = layout === 'channelsFirst' ? 'a picture [3, h, w]' : 'a picture [h, w, 3] or [3, h, w]';
  if (!(isFirst || isLast) || first * second * third === 0) {
    return E.left(wrongValue(transform, key, expected, image));
  }
  return pipe(
    pictureBytes(transform, key, image),
    E.map((bytes) =>
      isFirst
        ? new NdArray('uint8', [b, second, third, 3], channelsLast(bytes, b, second * third))
        : new NdArray('uint8', shape, bytes),
    ),
  );
};

/** Black pictures of the same size. */
export const blackLike = ({ shape, data }: NdArray): NdArray =>
  new NdArray('uint8', shape, new Uint8Array(data.length));
