import type { Key } from '@torsor/random';
import type { TensorType, TensorValue } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import { gemmaSpecs } from '../gemma/specs.js';
import { type InitOptions, initFromSpecs } from '../params/init.js';
import { type ParamSpecs, typesOf } from '../params/spec.js';
import { siglipSpecs } from '../siglip/specs.js';
import { type Pi0FastConfig, pi0FastExperts } from './config.js';

const languageSpecs = (config: Pi0FastConfig): ParamSpecs => {
  const init = { table: config.tableInit ?? 'normal', outputFanIn: 'head' } as const;
  return gemmaSpecs(pi0FastExperts(config), config.vocabSize, config.paramDtype, init);
};

/**
 * The parameters of a π0-FAST policy by openpi's paths; without cameras there is no `PaliGemma/img`.
 *
 * They begin as openpi's, but for the embedding table where the configuration does not ask for its zeros.
 *
 * @source openpi `models/pi0_fast.py` `Pi0FAST.__init__` (15a9616)
 */
export const pi0FastSpecs = (config: Pi0FastConfig): ParamSpecs => {
  const { cameras, siglip, imageSize, paligemma, paramDtype } = config;
  return {
    PaliGemma: {
      llm: languageSpecs(config),
      ...(cameras.length === 0 ? {} : { img: siglipSpecs(siglip, imageSize, paligemma.width, paramDtype) }),
    },
  };
};

/** The types of a π0-FAST policy's parameters by openpi's paths. */
export const pi0FastParamTypes = (config: Pi0FastConfig): Tree<TensorType> => typesOf(pi0FastSpecs(config));

/**
 * First parameters of a π0-FAST policy.
 *
 * @law each parameter depends on `key`, its path and its type only.
 */
export const initPi0FastParams = (config: Pi0FastConfig, key: Key, options: InitOptions = {}): Tree<TensorValue> =>
  initFromSpecs(pi0FastSpecs(config), key, options);
