import type { NameRule } from './rule.js';

type Row = readonly [ours: string, axes: string, theirs: string, form: string];

const BLOCK = 'Transformer/encoderblock';
const ATTENTION = `${BLOCK}/MultiHeadDotProductAttention_0`;
const LAYER = 'vision_tower.vision_model.encoder.layers.{l}';

const projection = (ours: string, theirs: string): readonly Row[] => [
  [`${ATTENTION}/${ours}/kernel`, 'l d n j', `${LAYER}.self_attn.${theirs}.weight`, '(n j) d'],
  [`${ATTENTION}/${ours}/bias`, 'l n j', `${LAYER}.self_attn.${theirs}.bias`, '(n j)'],
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
  ...layerNorm(`${BLOCK}/LayerNorm_0`, `${LAYER}.layer_norm1`, 'l '),
  ...layerNorm(`${BLOCK}/LayerNorm_1`, `${LAYER}.layer_norm2`, 'l '),
  [`${BLOCK}/MlpBlock_0/Dense_0/kernel`, 'l d f', `${LAYER}.mlp.fc1.weight`, 'f d'],
  [`${BLOCK}/MlpBlock_0/Dense_0/bias`, 'l f', `${LAYER}.mlp.fc1.bias`, 'f'],
  [`${BLOCK}/MlpBlock_0/Dense_1/kernel`, 'l f d', `${LAYER}.mlp.fc2.weight`, 'd f'],
  [`${BLOCK}/MlpBlock_0/Dense_1/bias`, 'l d', `${LAYER}.mlp.fc2.bias`, 'd'],
  ...projection('query', 'q_proj'),
  ...projection('key', 'k_proj'),
  ...projection('value', 'v_proj'),
  [`${ATTENTION}/out/kernel`, 'l n j d', `${LAYER}.self_attn.out_proj.weight`, 'd (n j)'],
  [`${ATTENTION}/out/bias`, 'l d', `${LAYER}.self_attn.out_proj.bias`, 'd'],
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
