import { bernoulli, type Key, split, uniform } from '@torsor/random';
import { fromFloat64, type TensorValue, tensorType } from '@torsor/tensor';
import { type AugmentationInputs, isWristCamera, turnedCameras } from './augment.js';
import { croppedExtent } from './geometry.js';
import type { ImageSize } from './resize.js';

/** Bounds of the amounts, each drawn uniformly from `[-bound, bound)`: openpi's, with the hue that augmax adds by default. */
const jitterBounds = { brightness: 0.3, contrast: 0.4, hue: 0.1, saturation: 0.5 } as const;

const applyProbability = 0.5;
const degrees = Math.PI / 180;

const amount = (key: Key | undefined, bound: number, at = 0, of = 1): number =>
  key === undefined ? 0 : (uniform(key, of, -bound, bound)[at] ?? 0);

type Numbers<Name extends string> = { readonly [N in Name]: number };

const drawJitter = (key: Key): Numbers<'brightness' | 'contrast' | 'hue' | 'saturation' | 'apply'> => {
  const [brightness, contrast, hue, saturation] = split(key, 5);
  return {
    brightness: amount(brightness, jitterBounds.brightness),
    contrast: amount(contrast, jitterBounds.contrast),
    hue: amount(hue, jitterBounds.hue),
    saturation: amount(saturation, jitterBounds.saturation),
    apply: bernoulli(key, 1, applyProbability)[0] ?? 0,
  };
};

const drawGeometry = (key: Key, [h, w]: ImageSize): Numbers<'centerY' | 'centerX' | 'theta'> => {
  const [crop, , rotate] = split(key, 3);
  return {
    centerY: amount(crop, (h - croppedExtent(h)) / 2, 0, 2),
    centerX: amount(crop, (w - croppedExtent(w)) / 2, 1, 2),
    theta: amount(rotate, 5 * degrees),
  };
};

/** The keys of one sample: cameras on a stand draw a geometry before the colours, wrist cameras colours only. */
const keysOf = (sample: Key, camera: string): { readonly geometry: Key; readonly jitter: Key } => {
  const [first = sample, second = first] = split(sample, isWristCamera(camera) ? 1 : 2);
  const [jitter = second] = split(second, 1);
  return { geometry: first, jitter };
};

const columns = <Name extends string>(
  rows: readonly Numbers<Name>[],
  names: readonly Name[],
  bools: readonly string[] = [],
): { readonly [N in Name]: TensorValue } => {
  const column = (name: Name): TensorValue =>
    fromFloat64(
      tensorType(bools.includes(name) ? 'bool' : 'f32', [rows.length]),
      rows.map((row) => row[name]),
    );
  // The entries are the names.
  return Object.fromEntries(names.map((name) => [name, column(name)])) as { [N in Name]: TensorValue };
};

/**
 * The random inputs of an augmentation of `batch` samples, as openpi draws them: within a sample all cameras on a stand
 * share one draw, and all wrist cameras another.
 *
 * @param size - height and width of the images, in pixels: a crop moves by at most what it cuts.
 * @law a sample's draws do not depend on the batch; they are openpi's for the same key.
 * @source openpi `models/model.py` `preprocess_observation` (15a9616), augmax 0.4.1
 */
export const augmentationInputs = (
  key: Key,
  batch: number,
  cameras: readonly string[],
  size: ImageSize,
): AugmentationInputs<TensorValue> => {
  const samples = split(key, batch);
  const geometry = (camera: string) =>
    columns(
      samples.map((sample) => drawGeometry(keysOf(sample, camera).geometry, size)),
      ['centerY', 'centerX', 'theta'],
    );
  const jitter = (camera: string) =>
    columns(
      samples.map((sample) => drawJitter(keysOf(sample, camera).jitter)),
      ['brightness', 'contrast', 'hue', 'saturation', 'apply'],
      ['apply'],
    );
  return {
    geometry: Object.fromEntries(turnedCameras(cameras).map((camera) => [camera, geometry(camera)])),
    jitter: Object.fromEntries(cameras.map((camera) => [camera, jitter(camera)])),
  };
};
