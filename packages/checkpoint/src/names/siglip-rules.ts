import type { NameRule } from './rule.js';

type Row = readonly [ours: string, axes: string, theirs: string, form: string];

const block = 'Transformer/encoderblock';
const attention = `${block}/MultiHeadDotProductAttention_0`;
const layerIndex = 'vision_tower.vision_model.encoder.layers.{l}';

const projection = (ours: string, theirs: string): readonly Row[] => [
  [`${attention}/${ours}/kernel`, 'l d n j', `${layerIndex}.self_attn.${theirs}.weight`, '(n j) d'],
  [`${attention}/${ours}/bias`, 'l n j', `${layerIndex}.self_attn.${theirs}.bias`, '(n j)'],
];

const layerNorm = (ours: string, theirs: string, layer: 'l ' | ''): readonly Row[] => [
  [`${ours}/scale`, `${layer}d`, `${theirs}.weight`, 'd'],
  [`${ours}/bias`, `${layer}d`, `${theirs}.bias`, 'd'],
];

// `n` heads of `j` numbers; `p q` a patch of `c` colours; `s` patches; `w` the width of the language model.
const rows: readonly Row[] = [
  ['embedding/kernel', 'p q c d', 'vision_tower.vision_model.embeddings.patch_embedding.weight', 'd c p q'],
  ['embedding/bias', 'd', 'vision_tower.vision_model.embeddings.patch_embedding.bias', 'd'],
  ['pos_embedding', '1 s d', 'vision_tower.vision_model.embeddings.position_embedding.weight', 's d'],
  ...layerNorm(`${block}/LayerNorm_0`, `${layerIndex}.layer_norm1`, 'l '),
  ...layerNorm(`${block}/LayerNorm_1`, `${layerIndex}.layer_norm2`, 'l '),
  [`${block}/MlpBlock_0/Dense_0/kernel`, 'l d f', `${layerIndex}.mlp.fc1.weight`, 'f d'],
  [`${block}/MlpBlock_0/Dense_0/bias`, 'l f', `${layerIndex}.mlp.fc1.bias`, 'f'],
  [`${block}/MlpBlock_0/Dense_1/kernel`, 'l f d', `${layerIndex}.mlp.fc2.weight`, 'd f'],
  [`${block}/MlpBlock_0/Dense_1/bias`, 'l d', `${layerIndex}.mlp.fc2.bias`, 'd'],
  ...projection('query', 'q_proj'),
  ...projection('key', 'k_proj'),
  ...projection('value', 'v_proj'),
  [`${attention}/out/kernel`, 'l n j d', `${layerIndex}.self_attn.out_proj.weight`, 'd (n j)'],
  [`${attention}/out/bias`, 'l d', `${layerIndex}.self_attn.out_proj.bias`, 'd'],
  ...layerNorm('Transformer/encoder_norm', 'vision_tower.vision_model.post_layernorm', ''),
  ['head/kernel', 'd w', 'multi_modal_projector.linear.weight', 'w d'],
  ['head/bias', 'w', 'multi_modal_projector.linear.bias', 'w'],
];

/**
 * Names of the vision tower and its projection into the language model.
 *
 * @param model - where PaliGemma's model begins in the PyTorch file, with the closing dot.
 * @source openpi `examples/convert_jax_model_to_pytorch.py` (15a9616)
 */
export const siglipRules = (model: string): readonly NameRule[] =>
  rows.map(([ours, axes, theirs, form]) => ({
    scope: 'img',
    ours: `PaliGemma/img/${ours}`,
    axes,
    theirs: [model + theirs],
    form,
    tied: [],
  }));
