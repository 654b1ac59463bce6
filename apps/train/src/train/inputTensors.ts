import { type TensorValue, tensorValue, type ValueError } from '@torsor/tensor';
import { sequenceS } from 'fp-ts/lib/Apply.js';
import * as E from 'fp-ts/lib/Either.js';
import type { TrainConfig } from '../config/schema.js';
import type { FlowInputs } from './batches.js';

/** The arrays of a batch as tensors, under the names that openpi's observations and losses have. */
export type InputTensors = { readonly [K in keyof FlowInputs]: TensorValue };

type Sizes = Pick<TrainConfig['model'], 'actionDim' | 'actionHorizon' | 'maxTokenLen'>;

/**
 * The tensors of a batch of `b` samples.
 *
 * @errors `ValueError` when an array has not the size that the model says.
 */
export const inputTensors = (
  inputs: FlowInputs,
  b: number,
  { actionDim: ad, actionHorizon: ah, maxTokenLen: l }: Sizes,
): E.Either<ValueError, InputTensors> =>
  sequenceS(E.Apply)({
    state: tensorValue('f32', [b, ad], inputs.state),
    actions: tensorValue('f32', [b, ah, ad], inputs.actions),
    noise: tensorValue('f32', [b, ah, ad], inputs.noise),
    time: tensorValue('f32', [b], inputs.time),
    tokens: tensorValue('i32', [b, l], inputs.tokens),
    tokenMask: tensorValue('bool', [b, l], inputs.tokenMask),
  });
