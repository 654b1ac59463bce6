import { type DType, roundTo } from '@torsor/tensor';
import type { GemmaConfig } from '../gemma/config.js';

/**
 * What rows of the embedding table are multiplied by: √d, which openpi rounds to the dtype of the table.
 *
 * @param held - the dtype that the table is held in.
 * @source openpi `models/gemma.py` `Embedder.encode` (15a9616)
 */
export const embeddingScale = ({ width, lora }: GemmaConfig, held: DType): number =>
  lora?.form === 'openpi' ? roundTo(lora.frozenDtype ?? held, Math.sqrt(width)) : Math.sqrt(width);
