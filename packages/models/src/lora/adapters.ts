import type { GemmaConfig } from '../gemma/config.js';
import { loraScaling } from './config.js';

/** An adapter of one weight of the layers of an expert. */
export type Adapter = {
  /** The weight `[…, in, out]`. */
  readonly weight: string;
  /** `[…, in, r]`. */
  readonly a: string;
  /** `[…, r, out]`. */
  readonly b: string;
  readonly scale: number;
  /** Whether the heads share one sum of their `b`s, as in the output projection of openpi's form. */
  readonly sharesB: boolean;
};

const ofEinsum = (name: string, scale: number, sharesB: boolean): Adapter => ({
  weight: `attn/${name}/w`,
  a: `attn/${name}/lora_a`,
  b: `attn/${name}/lora_b`,
  scale,
  sharesB,
});

const ofFeedForward = (name: string, scale: number): Adapter => ({
  weight: name,
  a: `${name}_lora_a`,
  b: `${name}_lora_b`,
  scale,
  sharesB: false,
});

/** What feed-forward adapters are multiplied by; openpi leaves them as they are. */
export const feedForwardScale = ({ lora }: GemmaConfig): number =>
  lora?.ffn === undefined || lora.form === 'openpi' ? 1 : loraScaling(lora.ffn);

/** The projections from tokens to heads: queries, keys and values are one weight when there are as many of each. */
const toHeads = ({ numHeads, numKvHeads }: GemmaConfig): readonly string[] =>
  numHeads === numKvHeads ? ['qkv_einsum'] : ['q_einsum', 'kv_einsum'];

/**
 * The adapters of an expert, their paths below `layers`.
 *
 * @param suffix - of the expert's parameter names.
 */
export const adaptersOf = (config: GemmaConfig, suffix: string): readonly Adapter[] => {
  const { attn, ffn, form } = config.lora ?? {};
  const attention =
    attn === undefined
      ? []
      : [
          ...toHeads(config).map((name) => ofEinsum(`${name}${suffix}`, loraScaling(attn), false)),
          ofEinsum(`attn_vec_einsum${suffix}`, loraScaling(attn), form === 'openpi'),
        ];
  const names = ffn === undefined ? [] : ['gating_einsum', 'linear'];
  return [...attention, ...names.map((name) => ofFeedForward(`mlp${suffix}/${name}`, feedForwardScale(config)))];
};
