import { number, object } from '../json.js';
import type { Json } from './config.js';

// Which recordings a test is about, by what their configurations say.

const has = (config: Json, key: string): boolean => key in config;

/** A policy with low-rank factors beside its kernels. */
export const isLora = (config: Json): boolean => has(config, 'lora_main') || has(config, 'lora_expert');

/** A policy that computes in bfloat16. */
export const isNarrow = (config: Json): boolean => config['dtype'] === 'bfloat16';

/** A π0 or π0.5 policy in float32 without low-rank factors. */
export const isFlow = (config: Json): boolean =>
  (config['kind'] === 'pi0' || config['kind'] === 'pi05') && !isLora(config) && !isNarrow(config);

/** A π0-FAST policy in float32 without low-rank factors. */
export const isFast = (config: Json): boolean => config['kind'] === 'pi0_fast' && !isLora(config) && !isNarrow(config);

/** Whether all heads share one key and one value. */
export const sharesOneKey = (config: Json): boolean => number(object(config['paligemma'])['num_kv_heads']) === 1;
