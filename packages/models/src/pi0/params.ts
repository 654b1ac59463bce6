import type { Key } from '@torsor/random';
import type { TensorType, TensorValue } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import { gemmaSpecs } from '../gemma/specs.js';
import { type InitOptions, initFromSpecs } from '../params/init.js';
import { linearSpecs } from '../params/linear.js';
import { type ParamSpecs, typesOf } from '../params/spec.js';
import { siglipSpecs } from '../siglip/specs.js';
import { type Pi0Config, pi0Experts } from './config.js';

const timeSpecs = ({ actionDim, paramDtype, pi05, actionExpert: { width } }: Pi0Config): ParamSpecs =>
  pi05
    ? { time_mlp_in: linearSpecs(width, width, paramDtype), time_mlp_out: linearSpecs(width, width, paramDtype) }
    : {
        action_time_mlp_in: linearSpecs(2 * width, width, paramDtype),
        action_time_mlp_out: linearSpecs(width, width, paramDtype),
        state_proj: linearSpecs(actionDim, width, paramDtype),
      };

/**
 * The parameters of a π0 or π0.5 policy, as openpi names and begins them; without cameras there is no `PaliGemma/img`.
 *
 * @source openpi `models/pi0.py` `Pi0.__init__` (15a9616)
 */
export const pi0Specs = (config: Pi0Config): ParamSpecs => {
  const { actionDim, paramDtype, cameras, siglip, imageSize, paligemma } = config;
  const { width } = config.actionExpert;
  return {
    PaliGemma: {
      llm: gemmaSpecs(pi0Experts(config), config.vocabSize, paramDtype),
      ...(cameras.length === 0 ? {} : { img: siglipSpecs(siglip, imageSize, paligemma.width, paramDtype) }),
    },
    action_in_proj: linearSpecs(actionDim, width, paramDtype),
    action_out_proj: linearSpecs(width, actionDim, paramDtype),
    ...timeSpecs(config),
  };
};

/** The types of a π0 policy's parameters by openpi's paths. */
export const paramTypes = (config: Pi0Config): Tree<TensorType> => typesOf(pi0Specs(config));

/**
 * First parameters of a π0 policy: kernels of variance 1 / fan-in, the embedding table with standard deviation 0.01,
 * biases and scales 0.
 *
 * @law each parameter depends on `key`, its path and its type only.
 */
export const initParams = (config: Pi0Config, key: Key, options: InitOptions = {}): Tree<TensorValue> =>
  initFromSpecs(pi0Specs(config), key, options);
