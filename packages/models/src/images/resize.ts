import {
  abs,
  add,
  clip,
  type DType,
  div,
  type Expr,
  einsum,
  expandDims,
  iota,
  maximum,
  mul,
  pad,
  reduceSum,
  refused,
  sub,
  withType,
} from '@torsor/tensor';

/** Height and width of images, in pixels. */
export type ImageSize = readonly [height: number, width: number];

/** The values that images lie in: results are cut to them, and `low` is black. */
export type PixelRange = {
  readonly low: number;
  readonly high: number;
};

const signed: PixelRange = { low: -1, high: 1 };

/** The share of each of `from` pixels in each of `to`: a triangle around the pixel's centre, as wide as the reduction. */
const weights = (from: number, to: number, dtype: DType): Expr => {
  const scale = from / to;
  const centre = sub(mul(add(iota(dtype, [to, from], 0), 0.5), scale), 0.5);
  const distance = div(abs(sub(centre, iota(dtype, [to, from], 1))), Math.max(scale, 1));
  const triangle = maximum(sub(1, distance), 0);
  return div(triangle, expandDims(reduceSum(triangle, [1]), 1));
};

const alongHeight = (x: Expr, from: number, to: number, dtype: DType): Expr =>
  from === to ? x : einsum('bhwc,oh->bowc', [x, weights(from, to, dtype)]);

const alongWidth = (x: Expr, from: number, to: number, dtype: DType): Expr =>
  from === to ? x : einsum('bhwc,ow->bhoc', [x, weights(from, to, dtype)]);

/** The largest size of the same proportions inside `to`; fractions of a pixel are cut, as openpi cuts them. */
const sizeInside = ([h, w]: ImageSize, [height, width]: ImageSize): ImageSize => {
  const ratio = Math.max(w / width, h / height);
  return [Math.floor(h / ratio), Math.floor(w / ratio)];
};

/**
 * Images resized without distortion, bilinear with antialiasing, centred on black where the proportions differ.
 *
 * @param images - `f[b, h, w, 3]`.
 * @param size - height and width of the result, at least 1.
 * @param range - the values that images lie in; [-1, 1] by default.
 * @returns `f[b, height, width, 3]`; an odd row or column of padding goes to the end.
 * @errors `ShapeError` when `images` has not four axes, or an image is so thin that nothing of it would be left.
 * @law the size that an image has already changes nothing; an image of one colour keeps it.
 * @source openpi `shared/image_tools.py` `resize_with_pad`, jax 0.5.3 `jax.image.resize` (15a9616)
 */
export const resizeWithPad = (images: Expr, size: ImageSize, range: PixelRange = signed): Expr =>
  withType(images, (type) => {
    const [, h = 0, w = 0] = type.shape;
    const [height, width] = size;
    if (type.shape.length !== 4) return refused('resizeWithPad', [type], 'expected images [b, h, w, 3]');
    if (h === height && w === width) return images;
    const [rows, columns] = sizeInside([h, w], size);
    if (!(rows >= 1 && columns >= 1)) {
      return refused('resizeWithPad', [type], `nothing would be left of ${h}x${w} in ${height}x${width}`);
    }
    const resized = alongWidth(alongHeight(images, h, rows, type.dtype), w, columns, type.dtype);
    const [top, left] = [Math.floor((height - rows) / 2), Math.floor((width - columns) / 2)];
    const high = [0, height - rows - top, width - columns - left, 0];
    return pad(clip(resized, range.low, range.high), [0, top, left, 0], high, range.low);
  });
