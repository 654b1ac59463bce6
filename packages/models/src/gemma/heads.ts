import { concatenate, convert, dotGeneral, type Expr, literal, mul, reshape, withType } from '@torsor/tensor';
import { type Params, paramAt } from '../params/at.js';
import type { ActiveExpert } from './active.js';
import type { GemmaConfig } from './config.js';

/** √(1 / e) for the query heads, 1 for the others: `[h + 2 k, 1, 1]`. */
const headScales = ({ numHeads, numKvHeads, headDim }: GemmaConfig, weights: Expr): Expr =>
  withType(weights, ({ dtype }) => {
    const scales = [...new Array<number>(numHeads).fill(headDim ** -0.5), ...new Array<number>(2 * numKvHeads).fill(1)];
    return literal(scales, dtype, [scales.length, 1, 1]);
  });

/** The weights of all heads of a layer, queries first, then keys, then values: `[h + 2 k, d, e]`. */
const headWeights = (layer: Params, { config, suffix }: ActiveExpert): Expr => {
  const { width, numHeads, numKvHeads, headDim } = config;
  if (numHeads === numKvHeads) {
    return reshape(paramAt(layer, `attn/qkv_einsum${suffix}/w`), [3 * numHeads, width, headDim]);
  }
  const keysValues = reshape(paramAt(layer, `attn/kv_einsum${suffix}/w`), [2 * numKvHeads, width, headDim]);
  return concatenate([paramAt(layer, `attn/q_einsum${suffix}/w`), keysValues], 0);
};

/**
 * Queries, keys and values of an expert's tokens in one product: `[b, s, d]` to `[b, s, h + 2 k, e]`.
 *
 * Queries come scaled by √(1 / e). openpi scales them after the rotation; both are linear, and for a head width that
 * is a power of four the scale is a power of two, so that every rounding is the same.
 */
export const projectHeads = (layer: Params, expert: ActiveExpert, x: Expr): Expr =>
  withType(x, ({ dtype }) => {
    const weights = convert(headWeights(layer, expert), dtype);
    return dotGeneral(x, mul(weights, headScales(expert.config, weights)), { contract: [[2], [1]] });
  });

/**
 * The attention output of an expert's tokens: `[b, s, h, e]` to `[b, s, d]`.
 *
 * @source openpi `models/gemma.py` `attn_vec_einsum` (15a9616)
 */
export const mergeHeads = (layer: Params, { config, suffix }: ActiveExpert, x: Expr): Expr =>
  withType(x, ({ dtype, shape: [b = 0, s = 0] }) => {
    const { numHeads, headDim, width } = config;
    const weights = reshape(paramAt(layer, `attn/attn_vec_einsum${suffix}/w`), [numHeads * headDim, width]);
    return dotGeneral(reshape(x, [b, s, numHeads * headDim]), convert(weights, dtype), { contract: [[2], [0]] });
  });
