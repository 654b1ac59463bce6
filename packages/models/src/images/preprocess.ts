import {
  add,
  convert,
  type DType,
  div,
  type Expr,
  isFloat,
  isInteger,
  mul,
  type TensorType,
  withType,
} from '@torsor/tensor';
import { nearestKey } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { type ModelError, modelError } from '../error.js';
import type { CameraImages } from './augment.js';
import { type ImageSize, resizeWithPad } from './resize.js';

/** Bytes become real numbers in [-1, 1]; real numbers are taken to lie there. */
const signedImage = (image: Expr, dtype: DType): Expr =>
  withType(image, (type) =>
    isInteger(type.dtype) ? add(mul(div(convert(image, dtype), 255), 2), -1) : convert(image, dtype),
  );

/**
 * Images as a policy sees them: real numbers in [-1, 1], of the model's size.
 *
 * @param images - by camera, `i32[b, h, w, 3]` bytes or `f[b, h, w, 3]` in [-1, 1].
 * @returns `dtype[b, height, width, 3]`, by camera, resized without distortion and padded with black.
 * @errors `ShapeError` when images have not four axes.
 * @source openpi `models/model.py` `Observation.from_dict`, `preprocess_observation` (15a9616)
 */
export const preprocessImages = (images: CameraImages, size: ImageSize, dtype: DType = 'f32'): CameraImages =>
  Object.fromEntries(
    Object.entries(images).map(([camera, image]) => [camera, resizeWithPad(signedImage(image, dtype), size)]),
  );

const refuseNames = (expected: readonly string[], given: readonly string[]): readonly ModelError[] => {
  const missing = expected.filter((camera) => !given.includes(camera));
  const unknown = given.filter((camera) => !expected.includes(camera));
  return [
    ...missing.map((camera) => {
      const near = nearestKey(camera, unknown);
      return modelError(`images.${camera}`, `is missing${near === undefined ? '' : `; the nearest given is ${near}`}`);
    }),
    ...unknown.map((camera) => {
      const near = nearestKey(camera, expected);
      const known = `the policy has ${expected.join(', ') || 'no cameras'}`;
      const instead = near === undefined ? known : `the nearest of the policy is ${near}`;
      return modelError(`images.${camera}`, `is no camera of the policy; ${instead}`);
    }),
  ];
};

const refuseType = (camera: string, { dtype, shape }: TensorType, batch: number | undefined): readonly ModelError[] => {
  const [b, h = 0, w = 0, c] = shape;
  const refuse = (reason: string): readonly ModelError[] => [modelError(`images.${camera}`, reason)];
  if (shape.length !== 4 || c !== 3 || h < 1 || w < 1) {
    return refuse(`must be [b, h, w, 3], got [${shape.join(', ')}]`);
  }
  if (b !== batch) return refuse(`must have ${batch} samples as the other cameras, got ${b}`);
  return isFloat(dtype) || isInteger(dtype) ? [] : refuse(`must be bytes or real numbers, got ${dtype}`);
};

/**
 * The types of images that a policy with these cameras can be given.
 *
 * @errors `BadModelConfig`, all of them: a camera missing or not the policy's, with the nearest name; a shape that is not
 * `[b, h, w, 3]`; a dtype that holds no picture; cameras of different batches.
 */
export const checkImages = (
  cameras: readonly string[],
  images: CameraImages<TensorType>,
): E.Either<readonly ModelError[], CameraImages<TensorType>> => {
  const batch = Object.values(images)[0]?.shape[0];
  const errors = [
    ...refuseNames(cameras, Object.keys(images)),
    ...Object.entries(images).flatMap(([camera, type]) => refuseType(camera, type, batch)),
  ];
  return errors.length === 0 ? E.right(images) : E.left(errors);
};
