import type { NameRule } from './rule.js';

/** One expert of Gemma: where it lies on both sides, and which of openpi's two layouts its heads have. */
export type GemmaNames = {
  readonly scope: string;
  /** Ending of openpi's names: none for the first expert, `_1` for the second. */
  readonly suffix: string;
  /** Where the decoder begins in the PyTorch file, with the closing dot. */
  readonly decoder: string;
  /** Queries, keys and values in one tensor, as openpi stores them when all have as many heads. */
  readonly fused: boolean;
  /** Normalization modulated by the time, as in the action expert of π0.5. */
  readonly adaptive: boolean;
};

type Short = Pick<NameRule, 'ours' | 'axes' | 'theirs' | 'form'>;

const heads = (suffix: string, fused: boolean): readonly Short[] => {
  const [q, k, v] = ['q', 'k', 'v'].map((part) => `layers.{l}.self_attn.${part}_proj.weight`);
  const names = [q, k, v].filter((name) => name !== undefined);
  const attn = 'PaliGemma/llm/layers/attn';
  return fused
    ? [{ ours: `${attn}/qkv_einsum${suffix}/w`, axes: 'l 3 h d e', theirs: names, form: '(h e) d' }]
    : [
        { ours: `${attn}/q_einsum${suffix}/w`, axes: 'l h d e', theirs: names.slice(0, 1), form: '(h e) d' },
        { ours: `${attn}/kv_einsum${suffix}/w`, axes: 'l 2 k d e', theirs: names.slice(1), form: '(k e) d' },
      ];
};

const norm = (ours: string, theirs: string, adaptive: boolean): readonly Short[] => {
  const layer = theirs.includes('{l}') ? 'l ' : '';
  return adaptive
    ? [
        { ours: `${ours}/Dense_0/kernel`, axes: `${layer}d m`, theirs: [`${theirs}.dense.weight`], form: 'm d' },
        { ours: `${ours}/Dense_0/bias`, axes: `${layer}m`, theirs: [`${theirs}.dense.bias`], form: 'm' },
      ]
    : [{ ours: `${ours}/scale`, axes: `${layer}d`, theirs: [`${theirs}.weight`], form: 'd' }];
};

/**
 * Names of one Gemma expert, its embedding excepted.
 *
 * @source openpi `examples/convert_jax_model_to_pytorch.py` (15a9616)
 */
export const gemmaRules = ({ scope, suffix, decoder, fused, adaptive }: GemmaNames): readonly NameRule[] => {
  const layers = 'PaliGemma/llm/layers';
  const mlp = 'layers.{l}.mlp';
  const short: readonly Short[] = [
    ...heads(suffix, fused),
    {
      ours: `${layers}/attn/attn_vec_einsum${suffix}/w`,
      axes: 'l h e d',
      theirs: ['layers.{l}.self_attn.o_proj.weight'],
      form: 'd (h e)',
    },
    {
      ours: `${layers}/mlp${suffix}/gating_einsum`,
      axes: 'l 2 d f',
      theirs: [`${mlp}.gate_proj.weight`, `${mlp}.up_proj.weight`],
      form: 'f d',
    },
    { ours: `${layers}/mlp${suffix}/linear`, axes: 'l f d', theirs: [`${mlp}.down_proj.weight`], form: 'd f' },
    ...norm(`${layers}/pre_attention_norm${suffix}`, 'layers.{l}.input_layernorm', adaptive),
    ...norm(`${layers}/pre_ffw_norm${suffix}`, 'layers.{l}.post_attention_layernorm', adaptive),
    ...norm(`PaliGemma/llm/final_norm${suffix}`, 'norm', adaptive),
  ];
  return short.map((rule) => ({ ...rule, scope, theirs: rule.theirs.map((name) => decoder + name), tied: [] }));
};
