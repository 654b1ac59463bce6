import type { DType } from '@torsor/tensor';
import * as z from 'zod';

/** The settings of a run that say whether its embedding table was trained; a trainer of one's own may say nothing of them. */
export const frozenTableSettings = {
  freeze: z.array(z.string()).default([]),
  freezeForLora: z.boolean().default(false),
  frozenDtype: z.enum(['auto', 'bf16', 'f32']).default('auto'),
};

/** What of a run's settings says whether its embedding table was trained, and what it is kept in. */
export type FrozenTableSettings = {
  /** Regular expressions; a parameter whose whole path matches one is not trained. */
  readonly freeze: readonly string[];
  /** Train the low-rank factors of a model instead of what they stand beside. */
  readonly freezeForLora: boolean;
  readonly frozenDtype: 'auto' | 'bf16' | 'f32';
};

const embeddingTable = 'PaliGemma/llm/embedder/input_embedding';

/**
 * The dtype that openpi stores a policy's frozen parameters in, its embedding table among them; `undefined` where the table
 * is trained or kept in f32.
 */
export const frozenTableDtype = ({ freeze, freezeForLora, frozenDtype }: FrozenTableSettings): DType | undefined => {
  const isFrozen = freezeForLora || freeze.some((pattern) => new RegExp(`^(?:${pattern})$`, 'u').test(embeddingTable));
  return isFrozen && frozenDtype !== 'f32' ? 'bf16' : undefined;
};
