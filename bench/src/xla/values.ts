import { type Observation, observationTypes } from '@torsor/models';
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

/** A full prompt and a state, uniform and seeded. */
export const observationOf = ({ policy }: Sizes, batch: number): Observation<TensorValue> => {
  const types = observationTypes(policy, batch);
  const ids = uniform(foldIn(key(1), 0), sizeOf(types.tokenizedPrompt.shape));
  return {
    state: drawn(foldIn(key(1), 1), types.state),
    tokenizedPrompt: new TensorValue(
      types.tokenizedPrompt,
      Int32Array.from(ids, (u) => 3 + Math.floor(u * (policy.vocabSize - 3))),
    ),
    tokenizedPromptMask: new TensorValue(types.tokenizedPromptMask, new Uint8Array(ids.length).fill(1)),
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
  const observation = observationOf(sizes, batch);
  const actions = drawn(foldIn(key(1), 2), tensorType('f32', [batch, policy.actionHorizon, policy.actionDim]));
  return (step) => {
    const at = foldIn(key(2), step);
    const time = beta(foldIn(at, 1), batch, 1.5, 1).map((t) => t * 0.999 + 0.001);
    return {
      observation,
      actions,
      noise: noiseOf(sizes, batch, foldIn(at, 0)),
      time: new TensorValue(tensorType('f32', [batch]), time),
      learningRate: new TensorValue(tensorType('f32'), Float32Array.of(learningRate)),
    };
  };
};
