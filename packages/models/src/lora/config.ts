import type { DType } from '@torsor/tensor';

/** A low-rank adapter of some weights. */
export type LoraConfig = {
  /** r, the inner width of the product that is added to a weight. */
  readonly rank: number;
  /** What the product is multiplied by, before it is divided by the rank, or by its root. */
  readonly alpha: number;
  /** Rank-stabilised: divides by √rank, so that the product does not shrink as the rank grows. */
  readonly rslora: boolean;
};

/**
 * `textbook`: every weight W of a head or layer becomes W + scaling · a · b. `openpi`: as openpi computes it, which its
 * checkpoints depend on: the output projection of attention adds (Σ xₙ aₙ) (Σ bₙ) over the heads n, so that every head is
 * also seen through the factors of the others, and feed-forward adapters are not scaled.
 */
export type LoraForm = 'textbook' | 'openpi';

/** The adapters of a Gemma expert. */
export type GemmaLora = {
  /** Of the projections to and from heads. */
  readonly attn?: LoraConfig;
  /** Of the feed-forward layers. */
  readonly ffn?: LoraConfig;
  readonly form: LoraForm;
  /**
   * What frozen parameters are stored in, for openpi's form: on a backend without that dtype they are held in a wider
   * one, and what openpi rounds with them is rounded all the same. The dtype that they are held in, when absent.
   */
  readonly frozenDtype?: DType;
};

/**
 * What the product of the factors is multiplied by.
 *
 * @source openpi `models/lora.py` `LoRAConfig.scaling_value` (15a9616)
 */
export const loraScaling = ({ rank, alpha, rslora }: LoraConfig): number => alpha / (rslora ? Math.sqrt(rank) : rank);
