import {
  computeFastLoss,
  computeLoss,
  type GemmaConfig,
  type GemmaLora,
  type LoraConfig,
  type Pi0Config,
  type Pi0FastConfig,
  paramTypes,
  pi0FastParamTypes,
} from '@torsor/models';
import { type DType, mean } from '@torsor/tensor';
import { number, object } from '../json.js';
import { treeOf, valueAt } from '../tensors.js';
import type { GoldenCase } from './cases.js';
import type { HowClose } from './compare.js';
import type { Json } from './config.js';
import { fastConfigOf, fastForward, fastInputsOf } from './fast.js';
import { fastLimits, ofPredicting } from './fast-suite.js';
import { flowConfigOf, flowForward, flowInputsOf } from './flow.js';
import type { AdaptedPolicy } from './lora.js';

const adapterOf = (value: unknown): LoraConfig => {
  const c = object(value);
  return { rank: number(c['rank']), alpha: number(c['alpha']), rslora: c['rslora'] === true };
};

/** An expert with the adapters that are recorded under a key, in openpi's form. */
const adapted = (
  expert: GemmaConfig,
  config: Json,
  key: 'lora_main' | 'lora_expert',
  frozenDtype: DType | undefined,
): GemmaConfig => {
  if (!(key in config)) return expert;
  const recorded = object(config[key]);
  const lora: GemmaLora = {
    ...('attn' in recorded ? { attn: adapterOf(recorded['attn']) } : {}),
    ...('ffn' in recorded ? { ffn: adapterOf(recorded['ffn']) } : {}),
    form: 'openpi',
    ...(frozenDtype === undefined ? {} : { frozenDtype }),
  };
  return { ...expert, lora };
};

const imageTokens = ({ cameras, imageSize: [height, width], siglip }: Pi0Config | Pi0FastConfig): number =>
  cameras.length * (height / siglip.patchSize) * (width / siglip.patchSize);

/** Layers as a loop: the other goldens have them written out, which takes longer to compile. */
const scanned = { remat: 'carry' } as const;

/** A recorded π0 or π0.5 policy with adapters, its frozen parameters stored in a dtype. */
export const adaptedFlow = (golden: GoldenCase) => (frozenDtype: DType | undefined) => {
  const plain = flowConfigOf(golden.config);
  const config: Pi0Config = {
    ...plain,
    ...scanned,
    paligemma: adapted(plain.paligemma, golden.config, 'lora_main', frozenDtype),
    actionExpert: adapted(plain.actionExpert, golden.config, 'lora_expert', frozenDtype),
  };
  const { params: _params, ...rest } = flowInputsOf(golden);
  const train = golden.file('train');
  const suffix = config.actionHorizon + (config.pi05 ? 0 : 1);
  const policy: AdaptedPolicy<typeof rest> = {
    types: paramTypes(config),
    experts: config,
    params: treeOf(golden.file('params'), () => true),
    rest,
    atStep: (step) => ({
      ...rest,
      batch: { ...rest.batch, noise: valueAt(train, `noise/${step}`), time: valueAt(train, `time/${step}`) },
    }),
    outputs: (params, given) => flowForward(config, { params, ...given }),
    loss: (params, { batch }) => mean(computeLoss(config, params, batch)),
    close: [
      { ours: 'prompt_emb', recorded: 'prompt_emb', how: { limit: 0 } },
      { ours: 'suffix_out', recorded: 'suffix_out', how: {} },
      { ours: 'v_t', recorded: 'v_t', how: {} },
      { ours: 'v_t_given_time', recorded: 'v_t', how: { limit: 1e-5 } },
      { ours: 'loss_per_bh', recorded: 'loss_per_bh', how: { kind: 'loss' } },
    ],
    gradientLimit: 3e-4,
    tokens: imageTokens(config) + config.maxTokenLen + suffix,
  };
  return policy;
};

/** A recorded π0-FAST policy with adapters, its frozen parameters stored in a dtype. */
export const adaptedFast = (golden: GoldenCase) => (frozenDtype: DType | undefined) => {
  const plain = fastConfigOf(golden.config);
  const config: Pi0FastConfig = {
    ...plain,
    ...scanned,
    paligemma: adapted(plain.paligemma, golden.config, 'lora_main', frozenDtype),
  };
  const { params: _params, ...rest } = fastInputsOf(golden);
  const [inputs, outputs] = [golden.shared('inputs', 'inputs'), golden.file('outputs')];
  const logits = (name: string): HowClose => ({
    limit: fastLimits.logits,
    absolute: true,
    keep: ofPredicting(inputs, outputs, name),
  });
  const policy: AdaptedPolicy<typeof rest> = {
    types: pi0FastParamTypes(config),
    experts: { paligemma: config.paligemma },
    params: treeOf(golden.file('params'), () => true),
    rest,
    atStep: () => rest,
    outputs: (params, given) => fastForward(config, { params, ...given }),
    loss: (params, { observation }) => mean(computeFastLoss(config, params, observation)),
    close: [
      { ours: 'prompt_emb', recorded: 'prompt_emb', how: { limit: 0 } },
      { ours: 'logits', recorded: 'logits', how: logits('logits') },
      { ours: 'token_logp', recorded: 'token_logp', how: logits('token_logp') },
      { ours: 'loss_per_b', recorded: 'loss_per_b', how: { kind: 'loss', limit: 2e-5 } },
    ],
    gradientLimit: fastLimits.gradient,
    tokens: imageTokens(config) + config.maxTokenLen,
  };
  return policy;
};
