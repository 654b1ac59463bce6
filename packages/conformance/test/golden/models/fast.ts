import {
  computeFastLoss,
  embedImages,
  embedInputs,
  type FastObservation,
  type Params,
  type Pi0FastConfig,
  paramsBelow,
  predictTokens,
  tokenLogits,
} from '@torsor/models';
import { makeAttnMask } from '@torsor/nn';
import {
  convert,
  type Expr,
  isValid,
  logSoftmax,
  mean,
  reduceSum,
  sliceInDim,
  type TensorValue,
  takeAlongLast,
  valueAndGrad,
  withType,
} from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import { number } from '../json.js';
import { type Stored, treeOf, valueAt } from '../tensors.js';
import type { GoldenCase } from './cases.js';
import { camerasOf, gemmaConfigOf, imageSizeOf, siglipConfigOf } from './config.js';
import { observationOf } from './observation.js';

/** The configuration of a recorded π0-FAST policy, in float32. */
export const fastConfigOf = (config: GoldenCase['config']): Pi0FastConfig => ({
  cameras: camerasOf(config),
  imageSize: imageSizeOf(config),
  siglip: siglipConfigOf(config['siglip']),
  actionDim: number(config['action_dim']),
  actionHorizon: number(config['action_horizon']),
  maxTokenLen: number(config['max_token_len']),
  vocabSize: number(config['vocab_size']),
  paligemma: gemmaConfigOf(config['paligemma']),
  paramDtype: 'f32',
  computeDtype: 'f32',
});

/** What a recorded π0-FAST policy was given. */
export type FastInputs = {
  readonly params: Tree<TensorValue>;
  readonly observation: FastObservation<TensorValue>;
};

/** A recorded observation with the masks of its tokens. */
const fastObservationOf = (
  inputs: Stored,
  cameras: readonly string[],
  images: Stored,
): FastObservation<TensorValue> => ({
  ...observationOf(inputs, cameras, images),
  tokenArMask: valueAt(inputs, 'token_ar_mask'),
  tokenLossMask: valueAt(inputs, 'token_loss_mask'),
});

/** The inputs of a recorded policy; `keep` chooses its parameters. */
export const fastInputsOf = (golden: GoldenCase): FastInputs => {
  const inputs = golden.shared('inputs', 'inputs');
  const images = 'images' in golden.config ? golden.shared('images', 'inputs') : inputs;
  return {
    params: treeOf(golden.file('params'), () => true),
    observation: fastObservationOf(inputs, camerasOf(golden.config), images),
  };
};

/** The inputs of a π0-FAST policy in a program. */
export type FastExprs = {
  readonly params: Params;
  readonly observation: FastObservation;
};

const lengthOf = (x: Expr, axis: number): number => (isValid(x) ? (x.type.shape[axis] ?? 0) : 0);

/** What the model gives for the tokens that are followed by one. */
const fastOutputs = (config: Pi0FastConfig, { params, observation }: FastExprs) => {
  const { preLogits, cache } = predictTokens(config, params, observation);
  const logits = tokenLogits(paramsBelow(params, 'PaliGemma/llm'), preLogits);
  const targets = sliceInDim(observation.tokenizedPrompt, 1, lengthOf(observation.tokenizedPrompt, 1), 1);
  const loss = computeFastLoss(config, params, observation);
  // As a long vocabulary is computed: few logits at once, at the positions of a window.
  const few = { ...config, logitsAtOnce: 7 * config.vocabSize, lossTokens: config.maxTokenLen - 1 };
  return {
    pre_logits: preLogits,
    logits,
    token_logp: takeAlongLast(logSoftmax(logits), targets),
    loss_per_b: loss,
    'loss_per_b piece by piece': computeFastLoss(few, params, observation),
    loss: mean(loss),
    keys: cache.keys,
    values: cache.values,
  };
};

/** Everything of a forward pass, by openpi's names. */
export const fastForward = (config: Pi0FastConfig, inputs: FastExprs): Record<string, Expr> => {
  const { params, observation } = inputs;
  const sequence = embedInputs(config, params, observation, observation.tokenArMask);
  const mask = makeAttnMask(sequence.mask, sequence.arMask);
  const images = embedImages(config, params, observation).map(({ tokens }) => tokens);
  const prompt = withType(sequence.tokens, ({ shape: [, s = 0] }) =>
    sliceInDim(sequence.tokens, s - lengthOf(observation.tokenizedPrompt, 1), s, 1),
  );
  return {
    ...fastOutputs(config, inputs),
    ...Object.fromEntries(images.map((tokens, i) => [`siglip_tokens_cam${i}`, tokens])),
    image_emb_last_cam: images.at(-1) ?? prompt,
    prompt_emb: prompt,
    input_mask: sequence.mask,
    ar_mask: convert(sequence.arMask, 'i32'),
    attn_mask: mask,
    attn_mask_row_sums: reduceSum(convert(mask, 'i32'), [-1]),
  };
};

/** The mean loss and its gradient. */
export const fastGradient = (config: Pi0FastConfig, { params, observation }: FastExprs) =>
  valueAndGrad((at: Params) => mean(computeFastLoss(config, at, observation)))(params);
