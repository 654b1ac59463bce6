import type { DType } from '@torsor/tensor';
import * as z from 'zod';
import type { Immutable } from './immutable.js';
import { pathPattern, wholePath } from './path-pattern.js';

/** Which parameters of a policy stay as they are; a checkpoint of a trainer of one's own may say nothing of them. */
export const freezeSettings = z.object({
  freeze: z
    .array(pathPattern)
    .default([])
    .describe('regular expressions; a parameter whose whole path matches one is not trained'),
  freezeForLora: z
    .boolean()
    .default(false)
    .describe('train the low-rank factors of model.paligemma and model.actionExpert instead of what they stand beside'),
  frozenDtype: z
    .enum(['auto', 'bf16', 'f32'])
    .default('auto')
    .describe('what parameters that are not trained are kept in; auto: bf16, as in openpi, where the backend has it'),
});

/**
 * Which parameters stay as they are, and what they are kept in. `auto`: bf16 where the backend has it, as in openpi; where it
 * has not, openpi's form of low-rank factors has them rounded to bf16 all the same, and everybody else's leaves them as they
 * are.
 */
export type FreezeSettings = Immutable<z.output<typeof freezeSettings>>;

const embeddingTable = 'PaliGemma/llm/embedder/input_embedding';

/**
 * The dtype that openpi stores a policy's frozen parameters in, its embedding table among them; `undefined` where the table
 * is trained or kept in f32.
 */
export const frozenTableDtype = ({ freeze, freezeForLora, frozenDtype }: FreezeSettings): DType | undefined => {
  const isFrozen = freezeForLora || freeze.some((pattern) => wholePath(pattern).test(embeddingTable));
  return isFrozen && frozenDtype !== 'f32' ? 'bf16' : undefined;
};
