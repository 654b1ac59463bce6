import type { FeedForwardParams, LowRank } from '@torsor/nn';
import type { GemmaConfig } from '../gemma/config.js';
import { type Params, paramAt } from '../params/at.js';
import { feedForwardScale } from './adapters.js';

/**
 * The adapters of a feed-forward layer, if it has any.
 *
 * @param at - path of the layer's weights.
 */
export const feedForwardAdapters = (layer: Params, at: string, config: GemmaConfig): FeedForwardParams['adapters'] => {
  if (config.lora?.ffn === undefined) return undefined;
  const scale = feedForwardScale(config);
  const of = (name: string): LowRank => ({
    a: paramAt(layer, `${at}/${name}_lora_a`),
    b: paramAt(layer, `${at}/${name}_lora_b`),
    scale,
  });
  return { gating: of('gating_einsum'), linear: of('linear') };
};
