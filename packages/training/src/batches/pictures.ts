import type { DataError, PictureReader, Samples } from '@torsor/data';
import { type AugmentationInputs, augmentationInputs } from '@torsor/models';
import type { CameraBytes, Pictures } from '@torsor/policy';
import { foldIn } from '@torsor/random';
import type { TensorValue } from '@torsor/tensor';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { trainKey } from './streams.js';

/** What the cameras of a policy saw at the frames of samples, in its size. */
export const gatherCameras = (
  read: PictureReader,
  { features, size }: Pictures,
  samples: Samples,
  indices: ArrayLike<number>,
): TE.TaskEither<DataError, CameraBytes> =>
  pipe(
    Object.entries(features),
    TE.traverseArray(([camera, feature]) =>
      pipe(
        read(samples, indices, feature, size),
        TE.map(({ data }) => [camera, data] as const),
      ),
    ),
    TE.map((images) => Object.fromEntries(images)),
  );

/**
 * Reads the first sample of each camera: what cannot be read at all is found before anything is compiled.
 *
 * @errors those of the reader.
 */
export const probeCameras = (
  read: PictureReader,
  pictures: Pictures,
  samples: Samples,
): TE.TaskEither<DataError, void> =>
  pipe(
    gatherCameras(read, pictures, samples, [0]),
    TE.map(() => undefined),
  );

/** The random inputs of the augmentation of one update, from the update's own key; `null` where nothing varies. */
export const drawAugmentation = (
  { features, size, augment }: Pictures,
  seed: number,
  step: number,
  b: number,
): AugmentationInputs<TensorValue> | null =>
  augment === null ? null : augmentationInputs(foldIn(trainKey(seed, step), 2), b, Object.keys(features), size);
