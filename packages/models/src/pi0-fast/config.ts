import type { DType, Remat } from '@torsor/tensor';
import { type GemmaConfig, type GemmaExperts, gemmaVariants, paligemmaVocabSize } from '../gemma/config.js';
import { openpiImageSize } from '../pi0/config.js';
import { type SiglipConfig, so400m14 } from '../siglip/config.js';

/** The sizes and dtypes of a π0-FAST policy, which writes its actions as tokens. */
export type Pi0FastConfig = {
  /** ad, the width that states and actions are padded to. */
  readonly actionDim: number;
  /** ah, the number of actions in a chunk. */
  readonly actionHorizon: number;
  /** l, the number of tokens of prompt and actions together, padding included; at least 2. */
  readonly maxTokenLen: number;
  /** v, the rows of the embedding table, which is also the table of the logits. */
  readonly vocabSize: number;
  /** The one expert: it reads images and prompt and writes the actions. */
  readonly paligemma: GemmaConfig;
  /** The names of the cameras, in the order of their tokens; none for a policy without a vision tower. */
  readonly cameras: readonly string[];
  /** The size of every image, in pixels: height, width. */
  readonly imageSize: readonly [height: number, width: number];
  /** The vision tower, which all cameras share. */
  readonly siglip: SiglipConfig;
  /** What parameters are kept in. */
  readonly paramDtype: DType;
  /** What the transformer computes in and caches. */
  readonly computeDtype: DType;
  /**
   * What the derivative keeps of each layer; when absent, everything of a shallow stack of few tokens, else
   * `carry`, as openpi does.
   */
  readonly remat?: Remat;
  /**
   * How the embedding table begins: at `zeros`, as openpi's does, which always loads a trained one over it, or at
   * `normal`, as that of π0 does, for a policy that is trained from nothing. `normal` when absent.
   */
  readonly tableInit?: 'normal' | 'zeros';
  /**
   * The most tokens of a sample that are predicted, from the first of its loss mask on: logits are computed for that many
   * instead of l − 1 positions. A loss mask that reaches further makes that sample's loss NaN. When absent, l − 1.
   */
  readonly lossTokens?: number;
  /** How many logits a loss computes at once; more are computed piece by piece, and again for the derivative. 2²⁶ when absent. */
  readonly logitsAtOnce?: number;
};

/** The cameras of openpi's π0-FAST, in its order. @source openpi `models/pi0_fast.py` `inputs_spec` (15a9616) */
export const openpiFastCameras: readonly string[] = ['base_0_rgb', 'base_1_rgb', 'wrist_0_rgb'];

/**
 * openpi's π0-FAST, in float32 until another compute dtype is asked for.
 *
 * @source openpi `models/pi0_fast.py` `Pi0FASTConfig` (15a9616)
 */
export const pi0FastConfig: Pi0FastConfig = {
  actionDim: 32,
  actionHorizon: 32,
  maxTokenLen: 250,
  vocabSize: paligemmaVocabSize,
  paligemma: gemmaVariants.gemma_2b,
  cameras: openpiFastCameras,
  imageSize: openpiImageSize,
  siglip: so400m14,
  paramDtype: 'f32',
  computeDtype: 'f32',
};

/** The one expert of a π0-FAST policy. */
export const pi0FastExperts = ({ paligemma }: Pi0FastConfig): GemmaExperts => [{ config: paligemma, adaptive: false }];
