import type { FastObservation, Observation, Pi0Batch } from '@torsor/models';
import { type TensorValue, tensorValue, type ValueError } from '@torsor/tensor';
import type { TreeNode } from '@torsor/tree';
import { sequenceS } from 'fp-ts/lib/Apply.js';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as R from 'fp-ts/lib/Record.js';
import type { TrainConfig } from '../config/schema.js';
import type { BatchInputs } from './batches.js';
import type { CameraBytes } from './pictures.js';

type Sizes = Pick<TrainConfig['model'], 'kind' | 'actionDim' | 'actionHorizon' | 'maxTokenLen' | 'imageSize'>;

/** What a policy sees of samples. */
export type SeenInputs = Pick<BatchInputs, 'state' | 'tokens' | 'tokenMask' | 'images'>;

type Values<A> = E.Either<ValueError, A>;

const imageTensors = (
  images: CameraBytes,
  b: number,
  size: Sizes['imageSize'],
): Values<{ readonly [camera: string]: TensorValue }> =>
  R.traverse(E.Applicative)((bytes: Uint8Array) => tensorValue('i32', [b, ...size, 3], new Int32Array(bytes)))(images);

/**
 * What a policy sees of `b` samples, as tensors: of its cameras only those that are given pictures, as bytes.
 *
 * @errors `ValueError` when an array has not the size that the model says.
 */
export const observationTensors = (
  { state, tokens, tokenMask, images }: SeenInputs,
  b: number,
  { actionDim: ad, maxTokenLen: l, imageSize }: Sizes,
): Values<Observation<TensorValue>> =>
  pipe(
    sequenceS(E.Apply)({
      state: tensorValue('f32', [b, ad], state),
      tokenizedPrompt: tensorValue('i32', [b, l], tokens),
      tokenizedPromptMask: tensorValue('bool', [b, l], tokenMask),
      images: imageTensors(images, b, imageSize),
    }),
    E.map((sent) => ({ ...sent, imageMasks: {} })),
  );

/** A batch of `b` samples as the loss of flow matching takes it. */
const flowTensors = (inputs: BatchInputs, b: number, sizes: Sizes): Values<Pi0Batch<TensorValue>> => {
  const { actionDim: ad, actionHorizon: ah } = sizes;
  return pipe(
    sequenceS(E.Apply)({
      actions: tensorValue('f32', [b, ah, ad], inputs.actions),
      noise: tensorValue('f32', [b, ah, ad], inputs.noise),
      time: tensorValue('f32', [b], inputs.time),
    }),
    E.bind('observation', () => observationTensors(inputs, b, sizes)),
  );
};

/** A batch of `b` samples as the loss of π0-FAST takes it: its actions are tokens of the sequence. */
const fastTensors = (
  inputs: BatchInputs,
  b: number,
  sizes: Sizes,
): Values<{ readonly observation: FastObservation<TensorValue> }> => {
  const l = sizes.maxTokenLen;
  return pipe(
    sequenceS(E.Apply)({
      tokenArMask: tensorValue('i32', [b, l], inputs.tokenArMask),
      tokenLossMask: tensorValue('bool', [b, l], inputs.tokenLossMask),
      observation: observationTensors(inputs, b, sizes),
    }),
    E.map(({ observation, ...masks }) => ({ observation: { ...observation, ...masks } })),
  );
};

/**
 * A batch of `b` samples as the model's loss takes it.
 *
 * @errors `ValueError` when an array has not the size that the model says.
 */
export const batchTensors = (inputs: BatchInputs, b: number, sizes: Sizes): Values<TreeNode<TensorValue>> => {
  const { augmentation } = inputs;
  const tensors: Values<TreeNode<TensorValue>> =
    sizes.kind === 'pi0-fast' ? fastTensors(inputs, b, sizes) : flowTensors(inputs, b, sizes);
  return augmentation === undefined
    ? tensors
    : E.map((batch: TreeNode<TensorValue>) => ({ ...batch, augmentation }))(tensors);
};
