import { openpiCameras, type Pi0Config, type Pi0FastConfig, pi0Config } from '@torsor/models';
import configs from '../../peer/configs.json' with { type: 'json' };

type Configs = typeof configs;

/** A configuration that both sides read: `quickstart` is the model of `npm start`. */
export type ConfigName = keyof Configs;

/** A configuration of π0-FAST. */
export type FastName = {
  [K in ConfigName]: Configs[K] extends { readonly decodingSteps: number } ? K : never;
}[ConfigName];

/** A configuration of π0. */
export type FlowName = Exclude<ConfigName, FastName>;

/** A policy and the batch it is trained with. */
export type Sizes = {
  readonly policy: Pi0Config;
  readonly batch: number;
};

/** A π0-FAST policy, and the most tokens that it answers with. */
export type FastSizes = {
  readonly policy: Pi0FastConfig;
  readonly decodingSteps: number;
};

export const isConfigName = (name: string): name is ConfigName => Object.hasOwn(configs, name);

export const isFast = (name: ConfigName): name is FastName => 'decodingSteps' in configs[name];

/** What reads images, in f32; without images, nothing does. */
const cameraSizes = ({ images }: Configs[ConfigName]): Pick<Pi0Config, 'cameras' | 'imageSize' | 'siglip'> => {
  if (images === null) return { cameras: [], imageSize: pi0Config.imageSize, siglip: pi0Config.siglip };
  const { cameras, size, siglip } = images;
  const { patch, ...tower } = siglip;
  return {
    cameras: openpiCameras.slice(0, cameras),
    imageSize: [size, size],
    siglip: { ...tower, patchSize: patch, posemb: 'learn' },
  };
};

/** The sizes of a configuration of π0, in f32. */
export const sizesOf = (name: FlowName): Sizes => {
  const config = configs[name];
  const { batch, gemma, expert, vocab, actionDim, actionHorizon, maxTokenLen } = config;
  const policy: Pi0Config = {
    ...cameraSizes(config),
    pi05: false,
    paligemma: gemma,
    actionExpert: expert,
    vocabSize: vocab,
    actionDim,
    actionHorizon,
    maxTokenLen,
    paramDtype: 'f32',
    computeDtype: 'f32',
  };
  return { policy, batch };
};

/** The sizes of a configuration of π0-FAST, in f32. */
export const fastSizesOf = (name: FastName): FastSizes => {
  const config = configs[name];
  const { gemma, vocab, actionDim, actionHorizon, maxTokenLen, decodingSteps } = config;
  const policy: Pi0FastConfig = {
    ...cameraSizes(config),
    paligemma: gemma,
    vocabSize: vocab,
    actionDim,
    actionHorizon,
    maxTokenLen,
    paramDtype: 'f32',
    computeDtype: 'f32',
  };
  return { policy, decodingSteps };
};

/** A narrow policy of some depth. */
export const deepSizes = (depth: number): Sizes => {
  const layer = { width: 64, depth, mlpDim: 128, numHeads: 4, numKvHeads: 1, headDim: 16 };
  const { policy, batch } = sizesOf('quickstart');
  return { policy: { ...policy, paligemma: layer, actionExpert: layer }, batch };
};
