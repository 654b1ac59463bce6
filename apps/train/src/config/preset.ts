import type { Values } from './layer.js';

/** A named configuration: what it changes against the defaults, and where its sizes come from. */
export type Preset = {
  readonly name: string;
  readonly description: string;
  readonly source: string | null;
  readonly values: Values;
};

/** Gemma sizes in the order openpi writes them: width, depth, mlpDim, numHeads, numKvHeads, headDim. */
export const gemma = (
  width: number,
  depth: number,
  mlpDim: number,
  numHeads: number,
  numKvHeads: number,
  headDim: number,
): Values => ({ width, depth, mlpDim, numHeads, numKvHeads, headDim });

/** The same sizes with low-rank factors of one rank, scaled by 1, in attention and feed-forward. */
export const withLora = (sizes: Values, rank: number): Values => {
  const lora = { rank, alpha: rank };
  return { ...sizes, lora: { attn: lora, ffn: lora } };
};
