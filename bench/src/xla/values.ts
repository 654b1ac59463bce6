import { type Observation, type ObservationConfig, observationTypes } from '@torsor/models';
import { beta, foldIn, type Key, key, normal, uniform } from '@torsor/random';
import { sizeOf, type TensorType, TensorValue, tensorType } from '@torsor/tensor';
import type { StepBatch } from './programs.js';
import type { Sizes } from './sizes.js';

const learningRate = 1e-4;

const drawn = (at: Key, type: TensorType): TensorValue =>
  new TensorValue(
    type,
    uniform(at, sizeOf(type.shape)).map((u) => 2 * u - 1),
  );

type ByCamera<A> = { readonly [camera: string]: A };

const mapCameras = (
  cameras: ByCamera<TensorType>,
  value: (type: TensorType, i: number) => TensorValue,
): ByCamera<TensorValue> =>
  Object.fromEntries(Object.entries(cameras).map(([camera, type], i) => [camera, value(type, i)]));

const allTrue = (type: TensorType): TensorValue => new TensorValue(type, new Uint8Array(sizeOf(type.shape)).fill(1));

/** Images of every camera, a full prompt and a state, uniform and seeded. */
export const observationOf = (
  policy: ObservationConfig & { readonly vocabSize: number },
  batch: number,
): Observation<TensorValue> => {
  const types = observationTypes(policy, batch);
  const ids = uniform(foldIn(key(1), 0), sizeOf(types.tokenizedPrompt.shape));
  return {
    images: mapCameras(types.images, (type, i) => drawn(foldIn(key(1), 3 + i), type)),
    imageMasks: mapCameras(types.imageMasks, allTrue),
    state: drawn(foldIn(key(1), 1), types.state),
    tokenizedPrompt: new TensorValue(
      types.tokenizedPrompt,
      Int32Array.from(ids, (u) => 3 + Math.floor(u * (policy.vocabSize - 3))),
    ),
    tokenizedPromptMask: allTrue(types.tokenizedPromptMask),
  };
};

/** Noise of some chunks of actions. */
export const noiseOf = ({ policy: { actionHorizon, actionDim } }: Sizes, batch: number, at: Key): TensorValue => {
  const type = tensorType('f32', [batch, actionHorizon, actionDim]);
  return new TensorValue(type, normal(at, sizeOf(type.shape)));
};

/** The batches of a run, one after another: the same recorded actions, the noise and the times of each step. */
export const batches = (sizes: Sizes): ((step: number) => StepBatch<TensorValue>) => {
  const { batch, policy } = sizes;
  const observation = observationOf(policy, batch);
  const actions = drawn(foldIn(key(1), 2), tensorType('f32', [batch, policy.actionHorizon, policy.actionDim]));
  return (step) => {
    const at = foldIn(key(2), step);
    const time = beta(foldIn(at, 1), batch, 1.5, 1).map((t) => t * 0.999 + 0.001);
    return {
      inputs: {
        observation,
        actions,
        noise: noiseOf(sizes, batch, foldIn(at, 0)),
        time: new TensorValue(tensorType('f32', [batch]), time),
      },
      learningRate: new TensorValue(tensorType('f32'), Float32Array.of(learningRate)),
    };
  };
};
