import { type LowRank, lowRank, lowRankFromHeads, lowRankToHeads } from '@torsor/nn';
import {
  add,
  concatenate,
  convert,
  type DType,
  dotGeneral,
  type Expr,
  literal,
  mul,
  reduceSum,
  reshape,
  withType,
} from '@torsor/tensor';
import { type LoraConfig, loraScaling } from '../lora/config.js';
import { type Params, paramAt } from '../params/at.js';
import type { ActiveExpert } from './active.js';
import type { GemmaConfig } from './config.js';

/** √(1 / e) for the query heads, 1 for the others: `[h + 2 k, 1, 1]`. */
const headScales = ({ numHeads, numKvHeads, headDim }: GemmaConfig, weights: Expr): Expr =>
  withType(weights, ({ dtype }) => {
    const scales = [...new Array<number>(numHeads).fill(headDim ** -0.5), ...new Array<number>(2 * numKvHeads).fill(1)];
    return literal(scales, dtype, [scales.length, 1, 1]);
  });

/** The projections to all heads of a layer, or a factor of their adapters: queries first, then keys, then values. */
const jointHeads = (
  layer: Params,
  { config: { numHeads, numKvHeads }, suffix }: ActiveExpert,
  name: 'w' | 'lora_a' | 'lora_b',
  [rows, columns]: readonly [number, number],
  dtype: DType,
): Expr => {
  const at = (einsum: string): Expr => convert(paramAt(layer, `attn/${einsum}${suffix}/${name}`), dtype);
  if (numHeads === numKvHeads) return reshape(at('qkv_einsum'), [3 * numHeads, rows, columns]);
  return concatenate([at('q_einsum'), reshape(at('kv_einsum'), [2 * numKvHeads, rows, columns])], 0);
};

/** The weights of all heads of a layer with the queries scaled: `[h + 2 k, d, e]`. */
const headWeights = (layer: Params, expert: ActiveExpert, dtype: DType): Expr => {
  const { width, headDim } = expert.config;
  const weights = jointHeads(layer, expert, 'w', [width, headDim], dtype);
  return mul(weights, headScales(expert.config, weights));
};

/** What is added to {@link headWeights}. */
const headAdapters = (layer: Params, expert: ActiveExpert, attn: LoraConfig, dtype: DType): LowRank => {
  const { width, headDim } = expert.config;
  const b = jointHeads(layer, expert, 'lora_b', [attn.rank, headDim], dtype);
  return {
    a: jointHeads(layer, expert, 'lora_a', [width, attn.rank], dtype),
    b: mul(b, headScales(expert.config, b)),
    scale: loraScaling(attn),
  };
};

/**
 * Queries, keys and values of an expert's tokens in one product, and one for their adapters: `[b, s, d]` to
 * `[b, s, h + 2 k, e]`.
 *
 * Queries come scaled by √(1 / e). openpi scales them after the rotation; both are linear, and for a head width that
 * is a power of four the scale is a power of two, so that every rounding is the same.
 *
 * @source openpi `models/gemma.py` `Attention`, `models/lora.py` `Einsum` (15a9616)
 */
export const projectHeads = (layer: Params, expert: ActiveExpert, x: Expr): Expr =>
  withType(x, ({ dtype }) => {
    const projected = dotGeneral(x, headWeights(layer, expert, dtype), { contract: [[2], [1]] });
    const attn = expert.config.lora?.attn;
    return attn === undefined ? projected : add(projected, lowRankToHeads(headAdapters(layer, expert, attn, dtype), x));
  });

/** What the adapter of the output projection adds: `[b, s, h, e]` to `[b, s, d]`. */
const adaptedMerge = (layer: Params, { config, suffix }: ActiveExpert, attn: LoraConfig, x: Expr): Expr =>
  withType(x, ({ shape: [b = 0, s = 0] }) => {
    const at = (name: string): Expr => paramAt(layer, `attn/attn_vec_einsum${suffix}/${name}`);
    const factors = { a: at('lora_a'), b: at('lora_b'), scale: loraScaling(attn) };
    if (config.lora?.form !== 'openpi') return lowRankFromHeads(factors, x);
    const joined = config.numHeads * config.headDim;
    const a = reshape(factors.a, [joined, attn.rank]);
    return lowRank({ ...factors, a, b: reduceSum(factors.b, [0]) }, reshape(x, [b, s, joined]));
  });

/**
 * The attention output of an expert's tokens: `[b, s, h, e]` to `[b, s, d]`.
 *
 * @source openpi `models/gemma.py` `attn_vec_einsum`, `models/lora.py` `Einsum` (15a9616)
 */
export const mergeHeads = (layer: Params, expert: ActiveExpert, x: Expr): Expr =>
  withType(x, ({ dtype, shape: [b = 0, s = 0] }) => {
    const { numHeads, headDim, width, lora } = expert.config;
    const stored = paramAt(layer, `attn/attn_vec_einsum${expert.suffix}/w`);
    const weights = convert(reshape(stored, [numHeads * headDim, width]), dtype);
    const merged = dotGeneral(reshape(x, [b, s, numHeads * headDim]), weights, { contract: [[2], [0]] });
    return lora?.attn === undefined ? merged : add(merged, adaptedMerge(layer, expert, lora.attn, x));
  });
