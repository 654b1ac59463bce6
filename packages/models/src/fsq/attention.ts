import { attention, linear, project } from '@torsor/nn';
import {
  add,
  broadcastTo,
  constant,
  type Expr,
  gelu,
  layerNorm,
  mul,
  range,
  reshape,
  split,
  tanh,
  withType,
  withTypes,
} from '@torsor/tensor';
import { type Params, paramAt, paramsBelow } from '../params/at.js';
import { linearAt } from '../params/linear.js';
import { type FsqConfig, fsqHeadWidth } from './config.js';

/** An affine map to heads `[d, h, e]`: `[b, s, d]` to `[b, s, h, e]`. */
const toHeads = (params: Params, name: string, x: Expr): Expr => linear(linearAt(params, name), x);

/** Softmax attention without a mask, scores over √e: `[b, t, d]` asks `[b, s, d]`. */
const attend = (params: Params, x: Expr, y: Expr): Expr => {
  const [q, k, v] = [toHeads(params, 'query', x), toHeads(params, 'key', y), toHeads(params, 'value', y)];
  const mixed = withTypes([q, k], ([queries, keys]) => {
    const [b = 0, t = 0] = queries?.shape ?? [];
    const everything = constant(0, queries?.dtype ?? 'f32', [b, t, keys?.shape[1] ?? 0]);
    return attention(mul(q, fsqHeadWidth ** -0.5), k, v, everything);
  });
  const { kernel, bias } = linearAt(params, 'out');
  return withTypes([mixed, kernel], ([heads, out]) => {
    const [b = 0, t = 0, h = 0, e = 0] = heads?.shape ?? [];
    const d = out?.shape[2] ?? 0;
    return add(project(reshape(mixed, [b, t, h * e]), reshape(kernel, [h * e, d])), bias);
  });
};

const norm = (params: Params, i: number, x: Expr): Expr =>
  layerNorm(x, paramAt(params, `LayerNorm_${i}/scale`), paramAt(params, `LayerNorm_${i}/bias`));

/** The first half of a projection times the GELU of the second. */
const gatedGelu = (params: Params, x: Expr): Expr => {
  const projected = linear(linearAt(params, 'GeGLU_0/Dense_0'), x);
  const [value = projected, gate = projected] = split(projected, 2);
  return mul(value, gelu(gate));
};

/** Attention to itself, to `y`, and a feed-forward layer, each before a residual sum. */
const layer = (params: Params, x: Expr, y: Expr): Expr => {
  const normed = norm(params, 0, x);
  const own = add(x, attend(paramsBelow(params, 'MultiHeadDotProductAttention_0'), normed, normed));
  const crossed = add(own, attend(paramsBelow(params, 'MultiHeadDotProductAttention_1'), norm(params, 1, own), y));
  const hidden = linear(linearAt(params, 'Dense_0'), norm(params, 2, crossed));
  return add(crossed, linear(linearAt(params, 'Dense_1'), gatedGelu(params, hidden)));
};

/** Learned queries that ask a sequence: `[b, s, d]` to `[b, t, d]`. */
const half = (params: Params, { num_layers, embed_dim }: FsqConfig, queries: number, y: Expr): Expr => {
  const placed = add(y, paramAt(params, 'y_pos_enc'));
  const asked = withType(y, ({ shape: [b = 0] }) => broadcastTo(paramAt(params, 'q_embed'), [b, queries, embed_dim]));
  return range(num_layers).reduce((x, i) => layer(paramsBelow(params, `CrossAttentionLayer_${i}`), x, placed), asked);
};

/**
 * Latents of action chunks, before they are quantised.
 *
 * @param params - of the types of `fsqParamTypes`, in the dtype of the actions.
 * @param actions - `[b, ah, ad]`.
 * @returns `[b, n, 2]` in [-1, 1].
 * @source openpi `models/utils/fsq_tokenizer.py` `FsqAttentionTokenizer.tokenize` (15a9616)
 */
export const fsqLatents = (config: FsqConfig, params: Params, actions: Expr): Expr => {
  const read = linear(linearAt(params, 'proj'), actions);
  const encoded = half(paramsBelow(params, 'encoder'), config, config.num_tokens, read);
  return tanh(linear(linearAt(params, 'codebook/proj_down'), encoded));
};

/**
 * Action chunks of quantised latents.
 *
 * @param latents - `[b, n, 2]`.
 * @returns `[b, ah, ad]`.
 * @source openpi `models/utils/fsq_tokenizer.py` `FsqAttentionTokenizer.detokenize` (15a9616)
 */
export const fsqActions = (config: FsqConfig, params: Params, latents: Expr): Expr => {
  const read = linear(linearAt(params, 'codebook/proj_up'), latents);
  const decoded = half(paramsBelow(params, 'decoder'), config, config.data_horizon, read);
  return mul(linear(linearAt(params, 'proj_mean'), decoded), paramAt(params, 'out_scale'));
};
