import type { GemmaConfig, GemmaLora, LoraForm, Pi0Config } from '../../src/index.js';
import { tinyConfig } from '../pi0/tiny.js';

/** Adapters whose scales differ from 1 and from one another. */
export const adapters = (form: LoraForm): GemmaLora => ({
  attn: { rank: 2, alpha: 3, rslora: true },
  ffn: { rank: 3, alpha: 2, rslora: false },
  form,
});

/** The tiny policy with adapters in some of its experts, with grouped heads or one key-value head per query head. */
export const adaptedConfig = (
  paligemma: GemmaLora | undefined,
  actionExpert: GemmaLora | undefined,
  sizes: Partial<GemmaConfig> = {},
): Pi0Config => ({
  ...tinyConfig,
  // The vision tower has no adapters and takes longer than the rest.
  cameras: [],
  paligemma: { ...tinyConfig.paligemma, ...sizes, ...(paligemma === undefined ? {} : { lora: paligemma }) },
  actionExpert: { ...tinyConfig.actionExpert, ...sizes, ...(actionExpert === undefined ? {} : { lora: actionExpert }) },
});
