import {
  computeLoss,
  embedImages,
  embedPrefix,
  embedSuffix,
  embedSuffixAt,
  type GemmaOutput,
  gemma,
  layoutOf,
  type Params,
  type Pi0Batch,
  type Pi0Config,
  paramsBelow,
  pi0Experts,
  predictFlow,
  type SuffixBlock,
  sampleActions,
  type TokenBlock,
  velocityOf,
} from '@torsor/models';
import { posembSincos } from '@torsor/nn';
import { convert, type Expr, mean, reduceSum, type TensorValue, valueAndGrad } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import { number, text } from '../json.js';
import { type Stored, stored, treeOf, valueAt } from '../tensors.js';
import type { GoldenCase } from './cases.js';
import { camerasOf, gemmaConfigOf, imageSizeOf, scoresOf, siglipConfigOf } from './config.js';
import { observationOf } from './observation.js';

/** The configuration of a recorded π0 or π0.5 policy, in float32. */
export const flowConfigOf = (config: GoldenCase['config']): Pi0Config => ({
  pi05: text(config['kind']) === 'pi05',
  cameras: camerasOf(config),
  imageSize: imageSizeOf(config),
  siglip: siglipConfigOf(config['siglip']),
  actionDim: number(config['action_dim']),
  actionHorizon: number(config['action_horizon']),
  maxTokenLen: number(config['max_token_len']),
  vocabSize: number(config['vocab_size']),
  paligemma: gemmaConfigOf(config['paligemma']),
  actionExpert: gemmaConfigOf(config['action_expert']),
  paramDtype: 'f32',
  computeDtype: 'f32',
});

/** The attention scores of a pass through a recorded policy. */
export const flowScoresOf = (config: GoldenCase['config']): number => {
  const { cameras, imageSize, siglip, maxTokenLen, actionHorizon, pi05 } = flowConfigOf(config);
  const patches = (imageSize[0] / siglip.patchSize) * (imageSize[1] / siglip.patchSize);
  return scoresOf(config, cameras.length * patches + maxTokenLen + actionHorizon + (pi05 ? 0 : 1));
};

/** What a flow-matching policy is run with. */
export type FlowInputs = {
  readonly params: Tree<TensorValue>;
  readonly batch: Pi0Batch<TensorValue>;
  readonly sampleNoise: TensorValue;
  /** openpi's own embedding of the time, whose float32 phase is not exact, where it was recorded. */
  readonly given: { readonly timeEmbedding?: TensorValue };
};

/** The recorded inputs of a flow-matching policy. */
export const flowInputsOf = (golden: GoldenCase, params: Stored = golden.file('params')): FlowInputs => {
  const [inputs, outputs] = [golden.shared('inputs', 'inputs'), golden.file('outputs')];
  const images = golden.shared('images', 'inputs').size > 0 ? golden.shared('images', 'inputs') : inputs;
  return {
    params: treeOf(params, () => true),
    batch: {
      observation: observationOf(inputs, camerasOf(golden.config), images),
      actions: valueAt(inputs, 'actions'),
      noise: valueAt(inputs, 'noise'),
      time: valueAt(inputs, 'time'),
    },
    // Some groups sample nothing; their noise stands in, and is not used.
    sampleNoise: valueAt(inputs, inputs.has('sample_noise') ? 'sample_noise' : 'noise'),
    given: outputs.has('time_emb') ? { timeEmbedding: valueAt(outputs, 'time_emb') } : {},
  };
};

/** The inputs of a flow-matching policy in a program. */
export type FlowExprs = {
  readonly params: Params;
  readonly batch: Pi0Batch;
  readonly sampleNoise: Expr;
  readonly given: { readonly timeEmbedding?: Expr };
};

const pass = (config: Pi0Config, params: Params, prefix: TokenBlock, suffix: SuffixBlock): GemmaOutput =>
  gemma(
    paramsBelow(params, 'PaliGemma/llm'),
    pi0Experts(config),
    {
      tokens: [prefix.tokens, suffix.tokens],
      conditions: [undefined, suffix.condition],
      ...layoutOf([prefix, suffix]),
    },
    config.computeDtype,
  );

const masksOf = (prefix: TokenBlock, suffix: TokenBlock): Record<string, Expr> => {
  const layout = layoutOf([prefix, suffix]);
  return {
    prefix_mask: prefix.mask,
    suffix_mask: suffix.mask,
    positions: layout.positions,
    attn_mask: layout.mask,
    attn_mask_row_sums: reduceSum(convert(layout.mask, 'i32'), [-1]),
  };
};

/** Everything of a forward pass, by openpi's names. */
export const flowForward = (config: Pi0Config, { params, batch, given }: FlowExprs): Record<string, Expr> => {
  const { observation, time } = batch;
  const flow = predictFlow(config, params, batch);
  const prefix = embedPrefix(config, params, observation);
  const suffix = embedSuffix(config, params, observation.state, flow.x_t, time);
  const { outputs, cache } = pass(config, params, prefix, suffix);
  const [prefixOut = prefix.tokens, suffixOut = suffix.tokens] = outputs;
  const loss = computeLoss(config, params, batch);
  const givenTime = (embedding: Expr): Expr => {
    const exact = embedSuffixAt(config, params, observation.state, flow.x_t, embedding);
    return velocityOf(params, pass(config, params, prefix, exact), flow.x_t);
  };
  return {
    ...flow,
    loss_per_bh: loss,
    loss: mean(loss),
    time_emb: posembSincos(time, config.actionExpert.width),
    ...Object.fromEntries(
      embedImages(config, params, observation).map((image, i) => [`siglip_tokens_cam${i}`, image.tokens]),
    ),
    prefix_emb: prefix.tokens,
    suffix_emb: suffix.tokens,
    ...(suffix.condition === undefined ? {} : { adarms_cond: suffix.condition }),
    ...masksOf(prefix, suffix),
    prefix_out: prefixOut,
    suffix_out: suffixOut,
    keys: cache.keys,
    values: cache.values,
    ...(given.timeEmbedding === undefined ? {} : { v_t_given_time: givenTime(given.timeEmbedding) }),
  };
};

/** The mean loss and its gradient. */
export const flowGradient = (config: Pi0Config, { params, batch }: FlowExprs) =>
  valueAndGrad((at: Params) => mean(computeLoss(config, at, batch)))(params);

/** The recorded number of Euler steps: as many as times were recorded, else openpi's ten. */
export const stepsOf = (outputs: Stored): number =>
  outputs.has('sample_t') ? (stored(outputs, 'sample_t').shape[0] ?? 0) : 10;

/** Sampled actions. */
export const flowSample = (config: Pi0Config, { params, batch, sampleNoise }: FlowExprs, numSteps: number): Expr =>
  sampleActions(config, params, batch.observation, sampleNoise, numSteps);
