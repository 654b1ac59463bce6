import type { Observation } from '@torsor/models';
import { TensorValue, tensorType } from '@torsor/tensor';
import { numbersOf, type Stored, stored, valueAt } from '../tensors.js';

/** Bytes as numbers in [-1, 1], rounded to float32 after every step as numpy does. */
const imageAt = (images: Stored, camera: string): TensorValue => {
  const bytes = stored(images, `image/${camera}`);
  const data = Float32Array.from(numbersOf(bytes), (byte) => Math.fround(byte / 255) * 2 - 1);
  return new TensorValue(tensorType('f32', bytes.shape), data);
};

/**
 * A recorded observation.
 *
 * @param images - the file that holds the images, when it is not that of the other inputs.
 */
export const observationOf = (
  inputs: Stored,
  cameras: readonly string[],
  images: Stored = inputs,
): Observation<TensorValue> => ({
  images: Object.fromEntries(cameras.map((camera) => [camera, imageAt(images, camera)])),
  imageMasks: Object.fromEntries(cameras.map((camera) => [camera, valueAt(inputs, `image_mask/${camera}`)])),
  state: valueAt(inputs, 'state'),
  tokenizedPrompt: valueAt(inputs, 'tokenized_prompt'),
  tokenizedPromptMask: valueAt(inputs, 'tokenized_prompt_mask'),
});
