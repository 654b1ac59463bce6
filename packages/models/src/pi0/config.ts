import type { DType, Remat } from '@torsor/tensor';
import { type GemmaConfig, type GemmaExperts, gemmaVariants, paligemmaVocabSize } from '../gemma/config.js';
import { type SiglipConfig, so400m14 } from '../siglip/config.js';

/** The sizes and dtypes of a π0 or π0.5 policy. */
export type Pi0Config = {
  /**
   * Whether it is π0.5: time modulates the normalizations of the action expert instead of being mixed into the actions,
   * and the state is a part of the prompt instead of a token of its own.
   */
  readonly pi05: boolean;
  /** The names of the cameras, in the order of their tokens; none for a policy without a vision tower. */
  readonly cameras: readonly string[];
  /** The size of every image, in pixels: height, width. */
  readonly imageSize: readonly [height: number, width: number];
  /** The vision tower, which all cameras share. */
  readonly siglip: SiglipConfig;
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
  /**
   * What the derivative keeps of each layer; when absent, everything of a shallow stack of few tokens, else
   * `carry`, as openpi does.
   */
  readonly remat?: Remat;
};

/** The cameras of openpi's π0 and π0.5, in its order. @source openpi `models/model.py` `IMAGE_KEYS` (15a9616) */
export const openpiCameras: readonly string[] = ['base_0_rgb', 'left_wrist_0_rgb', 'right_wrist_0_rgb'];

/** The size of openpi's images. @source openpi `models/model.py` `IMAGE_RESOLUTION` (15a9616) */
export const openpiImageSize: readonly [height: number, width: number] = [224, 224];

/**
 * openpi's π0, in float32 until another compute dtype is asked for.
 *
 * @source openpi `models/pi0_config.py` `Pi0Config` (15a9616)
 */
export const pi0Config: Pi0Config = {
  pi05: false,
  cameras: openpiCameras,
  imageSize: openpiImageSize,
  siglip: so400m14,
  actionDim: 32,
  actionHorizon: 50,
  maxTokenLen: 48,
  vocabSize: paligemmaVocabSize,
  paligemma: gemmaVariants.gemma_2b,
  actionExpert: gemmaVariants.gemma_300m,
  paramDtype: 'f32',
  computeDtype: 'f32',
};

/**
 * openpi's π0.5, in float32 until another compute dtype is asked for: π0 with adaptive normalization, and a prompt that
 * is longer because it holds the state.
 *
 * @source openpi `models/pi0_config.py` `Pi0Config` with `pi05=True` (15a9616)
 */
export const pi05Config: Pi0Config = { ...pi0Config, pi05: true, maxTokenLen: 200 };

/** The two experts of a policy; π0.5 modulates the second by the time. */
export const pi0Experts = ({ paligemma, actionExpert, pi05 }: Pi0Config): GemmaExperts => [
  { config: paligemma, adaptive: false },
  { config: actionExpert, adaptive: pi05 },
];
