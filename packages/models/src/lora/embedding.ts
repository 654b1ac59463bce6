import { type DType, roundTo } from '@torsor/tensor';
import type { GemmaConfig } from '../gemma/config.js';

/**
 * What rows of the embedding table are multiplied by: √d, which openpi rounds to the dtype of the table.
 *
 * @param dtype - of the table.
 * @source openpi `models/gemma.py` `Embedder.encode` (15a9616)
 */
export const embeddingScale = ({ width, lora }: GemmaConfig, dtype: DType): number =>
  lora?.form === 'openpi' ? roundTo(dtype, Math.sqrt(width)) : Math.sqrt(width);
