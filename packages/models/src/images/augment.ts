import { add, type DType, type Expr, mul, type TensorType, tensorType } from '@torsor/tensor';
import { cropAndRotate, type GeometryInputs } from './geometry.js';
import { type JitterForm, type JitterInputs, jitterColors } from './jitter.js';

/** Images by camera. */
export type CameraImages<A = Expr> = { readonly [camera: string]: A };

/** The random inputs of an augmentation, by camera: those without `geometry` keep their pixels in place. */
export type AugmentationInputs<A = Expr> = {
  readonly geometry: { readonly [camera: string]: GeometryInputs<A> };
  readonly jitter: { readonly [camera: string]: JitterInputs<A> };
};

/** Whether a camera is mounted on a wrist, where up and centre mean something else than on a stand: openpi goes by the name. */
export const isWristCamera = (camera: string): boolean => camera.includes('wrist');

/** The cameras whose pictures are cropped and turned. */
export const turnedCameras = (cameras: readonly string[]): readonly string[] =>
  cameras.filter((camera) => !isWristCamera(camera));

const each = <A>(cameras: readonly string[], make: (camera: string) => A): { readonly [camera: string]: A } =>
  Object.fromEntries(cameras.map((camera) => [camera, make(camera)]));

/** The types of the random inputs for `batch` samples; wrist cameras have no geometry. */
export const augmentationTypes = (
  cameras: readonly string[],
  batch: number,
  dtype: DType = 'f32',
): AugmentationInputs<TensorType> => {
  const real = tensorType(dtype, [batch]);
  const jitter = { brightness: real, contrast: real, hue: real, saturation: real, apply: tensorType('bool', [batch]) };
  return {
    geometry: each(turnedCameras(cameras), () => ({ centerY: real, centerX: real, theta: real })),
    jitter: each(cameras, () => jitter),
  };
};

/**
 * Images for training: cameras with a geometry are cropped, enlarged and turned, those with a jitter change colour.
 *
 * @param images - `f[b, h, w, 3]` in [-1, 1], by camera, all of the model's size.
 * @param inputs - what was drawn, by camera; a camera without an entry is left as it is.
 * @param form - `full` for new runs; `openpi` for the numbers of openpi.
 * @returns `f[b, h, w, 3]` in [-1, 1], by camera.
 * @errors `ShapeError` when images are not `[b, h, w, 3]` or inputs not `[b]`.
 * @law zero jitter and no geometry change nothing; samples do not mix.
 * @source openpi `models/model.py` `preprocess_observation` with `train=True` (15a9616)
 */
export const augmentImages = (
  images: CameraImages,
  inputs: AugmentationInputs,
  form: JitterForm = 'full',
): CameraImages =>
  each(Object.keys(images), (camera) => {
    const image = images[camera] as Expr; // `camera` is one of the keys
    const geometry = inputs.geometry[camera];
    const jitter = inputs.jitter[camera];
    const unit = add(mul(image, 0.5), 0.5);
    const placed = geometry === undefined ? unit : cropAndRotate(unit, geometry);
    const coloured = jitter === undefined ? placed : jitterColors(placed, jitter, form);
    return geometry === undefined && jitter === undefined ? image : add(mul(coloured, 2), -1);
  });
