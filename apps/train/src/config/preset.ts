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
