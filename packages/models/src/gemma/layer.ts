import { attention, gatedGelu, gatedResidual, type RopeTable, ropeWide } from '@torsor/nn';
import { concatenate, convert, type Expr, sliceInDim, withType } from '@torsor/tensor';
import { feedForwardAdapters } from '../lora/feed-forward.js';
import { type Params, paramAt } from '../params/at.js';
import type { ActiveExpert, Stream } from './active.js';
import type { GemmaConfig } from './config.js';
import { mergeHeads, projectHeads } from './heads.js';
import { normOf } from './norm.js';

/** Keys, rotated, and values: `[b, s, k, e]` each. */
export type KeysValues = { readonly keys: Expr; readonly values: Expr };

/** What every layer of a pass shares. */
export type LayerContext = {
  /** The number of heads, which is the same for all experts. */
  readonly heads: Pick<GemmaConfig, 'numHeads' | 'numKvHeads'>;
  readonly table: RopeTable;
  /** `[b, t, s]`, added to attention scores. */
  readonly bias: Expr;
  /** Whether rotated queries stay in the wide dtype. */
  readonly wideQueries: boolean;
};

type Heads = KeysValues & {
  readonly queries: Expr;
};

/** `x` rounded to the dtype of another expression. */
const roundedAs = (like: Expr, x: Expr): Expr => withType(like, ({ dtype }) => convert(x, dtype));

const splitHeads = (
  { heads: { numHeads: h, numKvHeads: k }, table, wideQueries }: LayerContext,
  joint: Expr,
): Heads => {
  const rotated = ropeWide(sliceInDim(joint, 0, h + k, 2), table);
  const queries = sliceInDim(rotated, 0, h, 2);
  return {
    queries: wideQueries ? queries : roundedAs(joint, queries),
    keys: roundedAs(joint, sliceInDim(rotated, h, h + k, 2)),
    values: sliceInDim(joint, h + k, h + 2 * k, 2),
  };
};

const after = (cached: Expr | undefined, x: Expr): Expr => (cached === undefined ? x : concatenate([cached, x], 1));

type Attended = {
  readonly streams: readonly Stream[];
  readonly joint: KeysValues;
  readonly own: KeysValues;
};

const attend = (
  context: LayerContext,
  layer: Params,
  streams: readonly Stream[],
  cache: KeysValues | undefined,
): Attended => {
  const normed = streams.map(({ expert, x }) => ({ expert, x, ...normOf(layer, 'pre_attention_norm', expert, x) }));
  const heads = splitHeads(
    context,
    concatenate(
      normed.map(({ expert, y }) => projectHeads(layer, expert, y)),
      1,
    ),
  );
  const joint = { keys: after(cache?.keys, heads.keys), values: after(cache?.values, heads.values) };
  const mixed = attention(heads.queries, joint.keys, joint.values, context.bias);
  return {
    joint,
    own: { keys: heads.keys, values: heads.values },
    streams: normed.map(({ expert, x, gate }) => {
      const own = mergeHeads(layer, expert, sliceInDim(mixed, expert.start, expert.end, 1));
      return { expert, x: gatedResidual(x, own, gate) };
    }),
  };
};

const feedForward = (layer: Params, { suffix, config }: ActiveExpert, x: Expr): Expr => {
  const at = `mlp${suffix}`;
  const weights = { gating: paramAt(layer, `${at}/gating_einsum`), linear: paramAt(layer, `${at}/linear`) };
  const adapters = feedForwardAdapters(layer, at, config);
  return gatedGelu(adapters === undefined ? weights : { ...weights, adapters }, x);
};

/**
 * One layer: joint attention of all experts, then each expert's feed-forward.
 *
 * @param layer - the parameters of the layer, without the leading axis.
 * @param cache - keys and values of earlier tokens; they come before those of this pass.
 * @returns the tokens after the layer, all keys and values that were attended to, and those of its own tokens.
 * @source openpi `models/gemma.py` `Block` (15a9616)
 */
export const gemmaLayer = (
  context: LayerContext,
  layer: Params,
  streams: readonly Stream[],
  cache: KeysValues | undefined,
): Attended => {
  const attended = attend(context, layer, streams, cache);
  return {
    joint: attended.joint,
    own: attended.own,
    streams: attended.streams.map(({ expert, x }) => {
      const { y, gate } = normOf(layer, 'pre_ffw_norm', expert, x);
      return { expert, x: gatedResidual(x, feedForward(layer, expert, y), gate) };
    }),
  };
};
