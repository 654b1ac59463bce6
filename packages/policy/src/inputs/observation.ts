import {
  type AugmentationInputs,
  augmentationTypes,
  augmentImages,
  type Observation,
  preprocessImages,
} from '@torsor/models';
import { constant, type Expr, type TensorType, tensorType, withType } from '@torsor/tensor';
import type { Pictures } from './pictures.js';

const each = <A>(cameras: readonly string[], of: A): { readonly [camera: string]: A } =>
  Object.fromEntries(cameras.map((camera) => [camera, of]));

/** The types of an observation as the host sends it: bytes of the cameras that are given pictures, and nothing of the others. */
export const sentTypes = <O extends Observation<TensorType>>(
  { features, size }: Pictures,
  observation: O,
  b: number,
): O => ({ ...observation, images: each(Object.keys(features), tensorType('i32', [b, ...size, 3])), imageMasks: {} });

/** The types of what varies the pictures of `b` samples in training; nothing where nothing does. */
export const variedTypes = (
  { features, augment }: Pictures,
  b: number,
): { readonly augmentation?: AugmentationInputs<TensorType> } =>
  augment === null ? {} : { augmentation: augmentationTypes(Object.keys(features), b) };

/** A value for each sample of an observation. */
const perSample = ({ state }: Observation, of: (b: number) => Expr): Expr =>
  withType(state, ({ shape }) => of(shape[0] ?? 0));

/**
 * An observation as a policy sees it, of what the host sent: pictures in [-1, 1], varied where `augmentation` is given.
 * Absent cameras are not in it.
 *
 * @source openpi `models/model.py` `preprocess_observation` (15a9616)
 */
export const observe = <O extends Observation>(
  { features, size, augment }: Pictures,
  sent: O,
  augmentation?: AugmentationInputs,
): O => {
  const plain = preprocessImages(sent.images, size);
  const images = augmentation === undefined || augment === null ? plain : augmentImages(plain, augmentation, augment);
  const present = perSample(sent, (b) => constant(1, 'bool', [b]));
  return { ...sent, images, imageMasks: each(Object.keys(features), present) };
};

/** How a camera that is given no pictures is shown: black behind a mask, or black that the policy looks at. */
export type AbsentCameras = 'masked' | 'black';

/**
 * An observation with black pictures for absent cameras, as openpi shows them. Behind a mask nothing attends to their tokens:
 * π0 and π0.5 are the same policy without. But π0-FAST counts their positions, and openpi's decoding lets them leak in.
 *
 * @param shown - `black`: without the mask, as openpi shows them to π0-FAST on LIBERO and DROID; `masked` where left out.
 * @law `black`: what is seen of a camera that is there and sees black.
 * @source openpi `policies/aloha_policy.py` `AlohaInputs`, `policies/libero_policy.py` `LiberoInputs`,
 * `policies/droid_policy.py` `DroidInputs` (15a9616)
 */
export const withBlack = <O extends Observation>(
  { absent, size }: Pictures,
  observation: O,
  shown: AbsentCameras = 'masked',
): O => {
  const black = perSample(observation, (b) => constant(-1, 'f32', [b, ...size, 3]));
  const masked = perSample(observation, (b) => constant(shown === 'black' ? 1 : 0, 'bool', [b]));
  return {
    ...observation,
    images: { ...observation.images, ...each(absent, black) },
    imageMasks: { ...observation.imageMasks, ...each(absent, masked) },
  };
};
