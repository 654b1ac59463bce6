import { type LinearParams, linear, posembSincos2d } from '@torsor/nn';
import { add, convert, type Expr, refused, reshape, showType, transpose, withType } from '@torsor/tensor';
import { type Params, paramAt } from '../params/at.js';
import type { SiglipConfig } from './config.js';

/** The rows and columns of patches in an image. */
export const gridOf = (
  [height, width]: readonly [height: number, width: number],
  patchSize: number,
): readonly [rows: number, columns: number] => [height / patchSize, width / patchSize];

/** The kernel of the patch convolution as that of an affine map of a patch's pixels. */
const patchLinear = (params: Params): LinearParams => {
  const kernel = paramAt(params, 'embedding/kernel');
  return {
    kernel: withType(kernel, ({ shape: [p = 0, q = 0, c = 0, width = 0] }) => reshape(kernel, [p * q * c, width])),
    bias: paramAt(params, 'embedding/bias'),
  };
};

/**
 * One token per patch, row by row: an affine map of its pixels, which is openpi's convolution with a stride of a whole
 * patch; then its position is added. All in the dtype of the image.
 *
 * @param image - `f32[b, h, w, 3]` in [-1, 1].
 * @returns `[b, s, d]`.
 * @errors `ShapeError` for an image that is no floating-point `[b, h, w, 3]` of whole patches.
 */
export const patchTokens = (params: Params, { patchSize: p, width, posemb }: SiglipConfig, image: Expr): Expr =>
  withType(image, (type) => {
    const [b = 0, height = 0, across = 0, channels] = type.shape;
    const [rows, columns] = gridOf([height, across], p);
    if (type.shape.length !== 4 || channels !== 3 || !Number.isInteger(rows) || !Number.isInteger(columns)) {
      const wanted = `images [b, h, w, 3] with h and w multiples of the patch size ${p}`;
      return refused('siglip', [type], `expected ${wanted}, got ${showType(type)}`);
    }
    if (type.dtype !== 'f32' && type.dtype !== 'f64') {
      return refused(
        'siglip',
        [type],
        `expected images in f32, in [-1, 1], got ${showType(type)}; divide bytes by 255`,
      );
    }
    const patches = transpose(reshape(image, [b, rows, p, columns, p, 3]), [0, 1, 3, 2, 4, 5]);
    const tokens = linear(patchLinear(params), reshape(patches, [b, rows * columns, p * p * 3]));
    const positions =
      posemb === 'learn' ? paramAt(params, 'pos_embedding') : posembSincos2d([rows, columns], width, type.dtype);
    return add(tokens, convert(positions, type.dtype));
  });
