import { type DataError, gatherImages, type PictureCache, type Samples } from '@torsor/data';
import { type AugmentationInputs, augmentationInputs, type JitterForm } from '@torsor/models';
import { foldIn } from '@torsor/random';
import type { TensorValue } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import type { TrainConfig } from '../config/schema.js';
import { trainKey } from './streams.js';

/** Which pictures a policy is shown, and how. */
export type Pictures = {
  /** Feature of the dataset by camera of the model, of those that are given pictures. */
  readonly features: { readonly [camera: string]: string };
  /** Cameras of the model that are given none. */
  readonly absent: readonly string[];
  /** Height and width that every picture is brought to. */
  readonly size: readonly [height: number, width: number];
  /** How training varies colours, beside crops and turns; `null` where it varies nothing. */
  readonly augment: JitterForm | null;
};

/** The pictures of a configuration. */
export const picturesOf = ({ model, data }: Pick<TrainConfig, 'model' | 'data'>): Pictures => {
  const given = model.cameras.flatMap((camera) => {
    const feature = data.cameras[camera] ?? null;
    return feature === null ? [] : [[camera, feature] as const];
  });
  const features = Object.fromEntries(given);
  return {
    features,
    absent: model.cameras.filter((camera) => !(camera in features)),
    size: model.imageSize,
    augment: data.augment && given.length > 0 ? data.jitter : null,
  };
};

/** A policy without the cameras that are given no pictures. */
export const withoutAbsent = <C extends { readonly cameras: readonly string[] }>(
  config: C,
  { absent }: Pictures,
): C => ({
  ...config,
  cameras: config.cameras.filter((camera) => !absent.includes(camera)),
});

/** Bytes `[b, h, w, 3]` by camera of the model. */
export type CameraBytes = { readonly [camera: string]: Uint8Array };

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

/** A line about the pictures of a policy; `null` for one without cameras. */
export const showPictures = ({ features, absent, size, augment }: Pictures): string | null => {
  const given = Object.entries(features).map(([camera, feature]) => `${camera} from ${feature}`);
  const all = [...given, ...absent.map((camera) => `${camera} absent`)];
  if (all.length === 0) return null;
  const jitter = { full: 'full colour jitter', openpi: "openpi's colour jitter, which leaves saturation" } as const;
  const how = augment === null ? 'not augmented' : `augmented in training by crop, turn and ${jitter[augment]}`;
  return `${all.join(', ')}; ${size.join('x')}, ${how}`;
};
