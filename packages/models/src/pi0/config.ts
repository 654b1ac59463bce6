import type { DType, Remat } from '@torsor/tensor';
import { type GemmaConfig, type GemmaExperts, gemmaVariants, paligemmaVocabSize } from '../gemma/config.js';

/** The sizes and dtypes of a π0 policy. */
export interface Pi0Config {
  /** ad, the width that states and actions are padded to. */
  readonly actionDim: number;
  /** ah, the number of actions in a chunk. */
  readonly actionHorizon: number;
  /** l, the number of prompt tokens, padding included. */
  readonly maxTokenLen: number;
  /** v, the rows of the embedding table. */
  readonly vocabSize: number;
  /** The expert that reads images and prompt. */
  readonly paligemma: GemmaConfig;
  /** The expert that reads state and actions. */
  readonly actionExpert: GemmaConfig;
  /** What parameters are kept in. */
  readonly paramDtype: DType;
  /** What the transformer computes in; projections of states, actions and time stay in `paramDtype`. */
  readonly computeDtype: DType;
  /** What the derivative keeps of each layer; when absent, everything of a shallow stack, else `carry`, as openpi does. */
  readonly remat?: Remat;
}

/**
 * openpi's π0, in float32 until another compute dtype is asked for.
 *
 * @source openpi `models/pi0_config.py` `Pi0Config` (15a9616)
 */
export const pi0Config: Pi0Config = {
  actionDim: 32,
  actionHorizon: 50,
  maxTokenLen: 48,
  vocabSize: paligemmaVocabSize,
  paligemma: gemmaVariants.gemma_2b,
  actionExpert: gemmaVariants.gemma_300m,
  paramDtype: 'f32',
  computeDtype: 'f32',
};

/** The two experts of a π0 policy. */
export const pi0Experts = ({ paligemma, actionExpert }: Pi0Config): GemmaExperts => [
  { config: paligemma, adaptive: false },
  { config: actionExpert, adaptive: false },
];
