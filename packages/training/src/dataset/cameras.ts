import { cameraSize, type Dataset } from '@torsor/data';
import { dataError, type PictureSettings, type PolicyError, picturesOf } from '@torsor/policy';
import * as E from 'fp-ts/lib/Either.js';
import { type CameraGuess, guessCameras } from './camera-names.js';

/** Why the cameras of a model and of a dataset do not meet. */
export type CameraError =
  | { readonly _tag: 'UnusedCameras'; readonly model: string; readonly cameras: readonly string[] }
  | { readonly _tag: 'SpareCameras'; readonly cameras: readonly string[]; readonly free: readonly string[] }
  | {
      readonly _tag: 'UnmappedCameras';
      /** Cameras of the model, with what they may be meant to see. */
      readonly cameras: readonly CameraGuess[];
      readonly pictures: readonly string[];
    };

/** What the cameras of a run depend on. */
export type CameraSettings = PictureSettings & { readonly model: { readonly kind: string } };

const setting = (camera: string, feature: string | null): string => `data.cameras.${camera}=${feature ?? 'null'}`;

/** One line: which cameras, and the settings that settle it. */
export const showCameraError = (error: CameraError): string => {
  switch (error._tag) {
    case 'UnusedCameras':
      return `model ${error.model} reads no pictures, but the dataset has ${error.cameras.join(', ')}: train without them by data.withoutCameras=all`;
    case 'SpareCameras': {
      const without = `data.withoutCameras=${JSON.stringify(error.cameras)}`;
      const [spare = ''] = error.cameras;
      const [free] = error.free;
      const shown = free === undefined ? '' : `, or show it to the model: ${setting(free, spare)}`;
      return `no camera of the model sees ${error.cameras.join(', ')} of the dataset: train without by ${without}${shown}`;
    }
    case 'UnmappedCameras': {
      const wanted = error.cameras.map(({ camera, nearest }) => setting(camera, nearest)).join(' ');
      return `data.cameras does not say what ${error.cameras.map(({ camera }) => camera).join(', ')} of the model sees; the dataset has ${error.pictures.join(', ')}. For example ${wanted}, where null is a camera that is absent`;
    }
  }
};

const unmapped = ({ model, data }: CameraSettings, pictures: readonly string[]): E.Either<CameraError, undefined> => {
  const cameras = model.cameras.filter((camera) => data.cameras[camera] === undefined);
  if (pictures.length === 0 || cameras.length === 0) return E.right(undefined);
  const taken = Object.values(data.cameras);
  const left = pictures.filter((feature) => !taken.includes(feature));
  return E.left({
    _tag: 'UnmappedCameras',
    cameras: guessCameras(cameras, left),
    pictures,
  });
};

const spare = ({ model, data }: CameraSettings, dataset: Dataset): E.Either<CameraError | PolicyError, undefined> => {
  const used = Object.values(picturesOf({ model, data }).features);
  const cameras = dataset.cameras.filter((camera) => !used.includes(camera));
  const [first] = cameras;
  if (first === undefined) return E.right(undefined);
  if (model.cameras.length === 0) return E.left({ _tag: 'UnusedCameras', model: model.kind, cameras });
  const free = model.cameras.filter((camera) => (data.cameras[camera] ?? null) === null);
  return E.left({ _tag: 'SpareCameras', cameras, free });
};

/**
 * Checks that every camera of a model is given pictures or said to be absent, and that no camera of the dataset is left
 * over unsaid.
 *
 * @returns a warning where the model has cameras and the dataset pictures for none of them.
 * @errors `UnmappedCameras`, `SpareCameras`, `UnusedCameras`; those of `cameraSize` for what is no picture.
 */
export const checkCameras = (
  dataset: Dataset,
  config: CameraSettings,
): E.Either<CameraError | PolicyError, readonly string[]> => {
  const { features, absent } = picturesOf(config);
  for (const feature of Object.values(features)) {
    const size = cameraSize(dataset, feature);
    if (E.isLeft(size)) return E.left(dataError(size.left));
  }
  const settled = E.flatMap(() => spare(config, dataset))(unmapped(config, dataset.cameras));
  if (E.isLeft(settled)) return settled;
  return E.right(
    absent.length === 0 || absent.length < config.model.cameras.length
      ? []
      : [`the model has cameras (${absent.join(', ')}), but is shown no pictures: its image tower learns nothing`],
  );
};
