import { type DataError, gatherImages, type PictureCache, type Samples } from '@torsor/data';
import { type AugmentationInputs, augmentationInputs } from '@torsor/models';
import type { CameraBytes, Pictures } from '@torsor/policy';
import { foldIn } from '@torsor/random';
import type { TensorValue } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { trainKey } from './streams.js';

/** What the cameras of a policy saw at the frames of samples, in its size. */
export const gatherCameras = (
  { features, size }: Pictures,
  samples: Samples,
  indices: ArrayLike<number>,
  cache: PictureCache,
): E.Either<DataError, CameraBytes> => {
  const images: { [camera: string]: Uint8Array } = {};
  for (const [camera, feature] of Object.entries(features)) {
    const gathered = gatherImages(samples, indices, feature, { size, cache });
    if (E.isLeft(gathered)) return gathered;
    images[camera] = gathered.right.data;
  }
  return E.right(images);
};

/** The random inputs of the augmentation of one update, from the update's own key; `null` where nothing varies. */
export const drawAugmentation = (
  { features, size, augment }: Pictures,
  seed: number,
  step: number,
  b: number,
): AugmentationInputs<TensorValue> | null =>
  augment === null ? null : augmentationInputs(foldIn(trainKey(seed, step), 2), b, Object.keys(features), size);
