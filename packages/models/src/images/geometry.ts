import {
  add,
  and,
  clip,
  convert,
  cos,
  type DType,
  type Expr,
  expandDims,
  floor,
  gather,
  ge,
  iota,
  le,
  mul,
  neg,
  refused,
  reshape,
  sin,
  sub,
  where,
  withType,
  withTypes,
} from '@torsor/tensor';

/** Where the pixels of an augmented image come from, drawn per sample. */
export type GeometryInputs<A = Expr> = {
  /** `f32[b]`, rows by which the centre of the crop is below that of the image. */
  readonly centerY: A;
  /** `f32[b]`, columns by which the centre of the crop is right of that of the image. */
  readonly centerX: A;
  /** `f32[b]`, radians by which the image is turned. */
  readonly theta: A;
};

/** The part of height and width that a crop keeps. */
const cropShare = 0.95;

/** Whole pixels of an extent that a crop keeps. */
export const croppedExtent = (extent: number): number => Math.trunc(cropShare * extent);

/** Rows and columns of the source, real numbers `f[b, h, w]`. */
type Positions = {
  readonly y: Expr;
  readonly x: Expr;
};

const perSample = (x: Expr): Expr => expandDims(expandDims(x, -1), -1);

/** Crop, enlargement and rotation are one affine map from the pixels of the result to places in the source. */
const sourcePositions = (h: number, w: number, dtype: DType, inputs: GeometryInputs): Positions => {
  const y = sub(iota(dtype, [1, h, w], 1), h / 2 - 0.5);
  const x = sub(iota(dtype, [1, h, w], 2), w / 2 - 0.5);
  const [c, s] = [perSample(cos(inputs.theta)), perSample(sin(inputs.theta))];
  const turnedY = add(mul(c, y), mul(s, x));
  const turnedX = add(mul(neg(s), y), mul(c, x));
  return {
    y: add(mul(turnedY, croppedExtent(h) / h), add(perSample(inputs.centerY), h / 2 - 0.5)),
    x: add(mul(turnedX, croppedExtent(w) / w), add(perSample(inputs.centerX), w / 2 - 0.5)),
  };
};

const inside = (at: Expr, extent: number): Expr => and(ge(at, 0), le(at, extent - 1));

/** Bilinear values at real positions; each of the four neighbours that lies outside counts as black. */
const sampleBilinear = (image: Expr, { y, x }: Positions): Expr =>
  withTypes([image, y, x], ([type, positions]) => {
    const [b = 0, h = 0, w = 0, c = 0] = type?.shape ?? [];
    const pixels = reshape(image, [b, h * w, c]);
    const [top, left] = [floor(y), floor(x)];
    const [down, right] = [sub(y, top), sub(x, left)];
    const corner = (dy: number, dx: number): Expr => {
      const [row, column] = [add(top, dy), add(left, dx)];
      const place = add(mul(clip(row, 0, h - 1), w), clip(column, 0, w - 1));
      const colours = gather(pixels, reshape(convert(place, 'i32'), [b, h * w]), 1, 1);
      const weight = mul(dy === 0 ? sub(1, down) : down, dx === 0 ? sub(1, right) : right);
      const kept = where(and(inside(row, h), inside(column, w)), weight, 0);
      return mul(reshape(colours, [...(positions?.shape ?? []), c]), expandDims(kept, -1));
    };
    return add(add(corner(0, 0), corner(0, 1)), add(corner(1, 0), corner(1, 1)));
  });

/**
 * Images cropped to 95 %, enlarged again and turned, in one bilinear resampling; what lies outside is black.
 *
 * @param images - `f[b, h, w, 3]` in [0, 1].
 * @returns `f[b, h, w, 3]` in [0, 1].
 * @errors `ShapeError` when `images` has not four axes, or an input is not `[b]`.
 * @source openpi `models/model.py` `preprocess_observation` (15a9616), augmax 0.4.1 `RandomCrop`, `Resize`, `Rotate`
 */
export const cropAndRotate = (images: Expr, inputs: GeometryInputs): Expr =>
  withType(images, (type) => {
    const [, h = 0, w = 0] = type.shape;
    return type.shape.length === 4
      ? sampleBilinear(images, sourcePositions(h, w, type.dtype, inputs))
      : refused('cropAndRotate', [type], 'expected images [b, h, w, 3]');
  });
