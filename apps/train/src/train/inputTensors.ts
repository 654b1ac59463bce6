import type { Observation, Pi0Batch } from '@torsor/models';
import { type TensorValue, tensorValue, type ValueError } from '@torsor/tensor';
import { sequenceS } from 'fp-ts/lib/Apply.js';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainConfig } from '../config/schema.js';
import type { FlowInputs } from './batches.js';

type Sizes = Pick<TrainConfig['model'], 'actionDim' | 'actionHorizon' | 'maxTokenLen'>;

type Values<A> = E.Either<ValueError, A>;

/**
 * What a policy sees of `b` samples, as tensors.
 *
 * @errors `ValueError` when an array has not the size that the model says.
 */
export const observationTensors = (
  { state, tokens, tokenMask }: Pick<FlowInputs, 'state' | 'tokens' | 'tokenMask'>,
  b: number,
  { actionDim: ad, maxTokenLen: l }: Sizes,
): Values<Observation<TensorValue>> =>
  sequenceS(E.Apply)({
    state: tensorValue('f32', [b, ad], state),
    tokenizedPrompt: tensorValue('i32', [b, l], tokens),
    tokenizedPromptMask: tensorValue('bool', [b, l], tokenMask),
  });

/**
 * A batch of `b` samples as the model's loss takes it.
 *
 * @errors `ValueError` when an array has not the size that the model says.
 */
export const batchTensors = (inputs: FlowInputs, b: number, sizes: Sizes): Values<Pi0Batch<TensorValue>> => {
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
