import type { AugmentationInputs, FastObservation, Observation, Pi0Batch } from '@torsor/models';
import { type TensorValue, tensorValue, type ValueError } from '@torsor/tensor';
import type { TreeNode } from '@torsor/tree';
import { sequenceS } from 'fp-ts/lib/Apply.js';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as R from 'fp-ts/lib/Record.js';
import type { ModelBatch } from './model-space.js';
import type { CameraBytes } from './pictures.js';
import type { SequenceTokens } from './sequences.js';
import type { ModelSizes } from './sizes.js';

/** Noise ε and time t of flow matching for `b` samples. */
export type FlowDraw = {
  /** `f32[b, ah, ad]`, standard normal. */
  readonly noise: Float32Array;
  /** `f32[b]` in (0, 1]. */
  readonly time: Float32Array;
};

/** Everything that the losses of the families are computed from, `b` samples. */
export type BatchInputs = ModelBatch &
  SequenceTokens &
  FlowDraw & {
    /** Of cameras that are given pictures. */
    readonly images: CameraBytes;
    /** `bool[b, ah]` 1 where an episode had ended and its last action is repeated. */
    readonly actionIsPad: Uint8Array;
    /** What varies the pictures, in training. */
    readonly augmentation?: AugmentationInputs<TensorValue>;
  };

/** What a policy sees of samples. */
export type SeenInputs = Pick<BatchInputs, 'state' | 'tokens' | 'tokenMask' | 'images'>;

const imageTensors = (
  images: CameraBytes,
  b: number,
  size: ModelSizes['imageSize'],
): E.Either<ValueError, { readonly [camera: string]: TensorValue }> =>
  R.traverse(E.Applicative)((bytes: Uint8Array) => tensorValue('i32', [b, ...size, 3], new Int32Array(bytes)))(images);

/**
 * What a policy sees of `b` samples, as tensors: of its cameras only those that are given pictures, as bytes.
 *
 * @errors `ValueError` when an array has not the size that the model says.
 */
export const observationTensors = (
  { state, tokens, tokenMask, images }: SeenInputs,
  b: number,
  { actionDim: ad, maxTokenLen: l, imageSize }: ModelSizes,
): E.Either<ValueError, Observation<TensorValue>> =>
  pipe(
    sequenceS(E.Apply)({
      state: tensorValue('f32', [b, ad], state),
      tokenizedPrompt: tensorValue('i32', [b, l], tokens),
      tokenizedPromptMask: tensorValue('bool', [b, l], tokenMask),
      images: imageTensors(images, b, imageSize),
    }),
    E.map((sent) => ({ ...sent, imageMasks: {} })),
  );

/** A batch with what varies its pictures, where they are varied. */
const varied =
  ({ augmentation }: BatchInputs) =>
  (tensors: E.Either<ValueError, TreeNode<TensorValue>>): E.Either<ValueError, TreeNode<TensorValue>> =>
    augmentation === undefined
      ? tensors
      : E.map((batch: TreeNode<TensorValue>) => ({ ...batch, augmentation }))(tensors);

/** A batch of flow matching; `isReal` where padded steps are left out of its loss. */
export type FlowBatch<A> = Pi0Batch<A> & {
  /** `bool[b, ah]` 1 where a step is none beyond the end of its episode. */
  readonly isReal?: A;
};

/** Which steps of chunks are real, where that is asked for. */
const stepsOf = (
  { actionIsPad }: BatchInputs,
  shape: readonly [b: number, ah: number],
  maskPadding: boolean,
): E.Either<ValueError, { readonly isReal?: TensorValue }> =>
  maskPadding
    ? E.map((isReal: TensorValue) => ({ isReal }))(
        tensorValue(
          'bool',
          shape,
          actionIsPad.map((pad) => 1 - pad),
        ),
      )
    : E.right({});

/**
 * A batch of `b` samples as the loss of flow matching takes it.
 *
 * @param maskPadding - whether padded steps are left out of that loss.
 * @errors `ValueError` when an array has not the size that the model says.
 */
export const flowTensors = (
  inputs: BatchInputs,
  b: number,
  sizes: ModelSizes,
  maskPadding: boolean,
): E.Either<ValueError, TreeNode<TensorValue>> => {
  const { actionDim: ad, actionHorizon: ah } = sizes;
  return pipe(
    sequenceS(E.Apply)({
      actions: tensorValue('f32', [b, ah, ad], inputs.actions),
      noise: tensorValue('f32', [b, ah, ad], inputs.noise),
      time: tensorValue('f32', [b], inputs.time),
    }),
    E.bind('observation', () => observationTensors(inputs, b, sizes)),
    E.bind('steps', () => stepsOf(inputs, [b, ah], maskPadding)),
    E.map(({ steps, ...batch }): FlowBatch<TensorValue> => ({ ...batch, ...steps })),
    varied(inputs),
  );
};

/**
 * A batch of `b` samples as the loss of π0-FAST takes it: its actions are tokens of the sequence.
 *
 * @errors `ValueError` when an array has not the size that the model says.
 */
export const fastTensors = (
  inputs: BatchInputs,
  b: number,
  sizes: ModelSizes,
): E.Either<ValueError, TreeNode<TensorValue>> => {
  const l = sizes.maxTokenLen;
  return pipe(
    sequenceS(E.Apply)({
      tokenArMask: tensorValue('i32', [b, l], inputs.tokenArMask),
      tokenLossMask: tensorValue('bool', [b, l], inputs.tokenLossMask),
      observation: observationTensors(inputs, b, sizes),
    }),
    E.map(({ observation, ...masks }): { readonly observation: FastObservation<TensorValue> } => ({
      observation: { ...observation, ...masks },
    })),
    varied(inputs),
  );
};
