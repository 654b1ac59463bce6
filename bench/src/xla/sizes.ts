import type { Pi0Config } from '@torsor/models';
import configs from '../../peer/configs.json' with { type: 'json' };

/** A configuration that both sides read: `quickstart` is the model of `npm start`. */
export type ConfigName = keyof typeof configs;

/** A policy and the batch it is trained with. */
export interface Sizes {
  readonly policy: Pi0Config;
  readonly batch: number;
}

export const isConfigName = (name: string): name is ConfigName => Object.hasOwn(configs, name);

/** The sizes of a configuration, in f32. */
export const sizesOf = (name: ConfigName): Sizes => {
  const { batch, gemma, expert, vocab, actionDim, actionHorizon, maxTokenLen } = configs[name];
  const policy: Pi0Config = {
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

/** A narrow policy of some depth. */
export const deepSizes = (depth: number): Sizes => {
  const layer = { width: 64, depth, mlpDim: 128, numHeads: 4, numKvHeads: 1, headDim: 16 };
  const { policy, batch } = sizesOf('quickstart');
  return { policy: { ...policy, paligemma: layer, actionExpert: layer }, batch };
};
