import { maskBias, ropeTable, wideDType } from '@torsor/nn';
import { convert, type DType, type Expr, gather, mul, type Remat, withType } from '@torsor/tensor';
import { overLayers } from '../layers/stack.js';
import { embeddingScale } from '../lora/embedding.js';
import { type Params, paramAt, paramsBelow } from '../params/at.js';
import { type Stream, streamsOf } from './active.js';
import type { GemmaExpert, GemmaExperts } from './config.js';
import { gemmaLayer, type KeysValues } from './layer.js';
import { normOf } from './norm.js';

/** A pass through Gemma. */
export type GemmaPass = {
  /** `[b, s, d]` per expert; an expert without tokens does not run. */
  readonly tokens: readonly (Expr | undefined)[];
  /** `i32[b, t]`, of all tokens of the pass, in the experts' order. */
  readonly positions: Expr;
  /** `bool[b, t, s]`: which keys, cached ones first, each token may see. */
  readonly mask: Expr;
  /** `[b, c]` per adaptive expert. */
  readonly conditions?: readonly (Expr | undefined)[];
  /** Keys and values of earlier tokens per layer, `[depth, b, s, k, e]`. */
  readonly cache?: KeysValues;
  /** Whether rotated queries stay in the wide dtype of the compute dtype, as π0-FAST's do. */
  readonly wideQueries?: boolean;
  /** Whether the result's keys and values are those of this pass alone, without the cached ones. */
  readonly ownCache?: boolean;
  /**
   * What the derivative keeps of each layer; when absent, everything of a shallow stack of few tokens, else
   * the tokens between layers.
   */
  readonly remat?: Remat;
};

/** What a pass gives. */
export type GemmaOutput = {
  /** `[b, s, d]` per expert after the last normalization. */
  readonly outputs: readonly (Expr | undefined)[];
  /** Keys and values per layer, of all tokens so far, or of the pass's own: `[depth, b, s, k, e]`. */
  readonly cache: KeysValues;
};

/**
 * Prompt tokens as the first expert's input: rows of the table times √d.
 *
 * Where the expert's adapters have openpi's form, a table that is stored in a narrow dtype is multiplied by √d rounded to
 * that dtype, whatever it is held in; otherwise by √d. The product is in the wide dtype.
 *
 * @param tokens - `i32[b, l]` in `[0, v)`; the caller has checked them.
 * @returns `[b, l, d]` in the compute dtype.
 * @source openpi `models/gemma.py` `Embedder.encode` (15a9616)
 */
export const embedTokens = (params: Params, tokens: Expr, { config }: GemmaExpert, compute: DType): Expr => {
  const table = paramAt(params, 'embedder/input_embedding');
  return withType(table, ({ dtype }) => {
    const rows = convert(gather(table, tokens), wideDType(dtype));
    return convert(mul(rows, embeddingScale(config, dtype)), compute);
  });
};

type Carry = { readonly [key: string]: Expr };
type Element = { readonly layer: Params; readonly cache?: KeysValues };

const carryOf = (streams: readonly Stream[]): Carry =>
  Object.fromEntries(streams.map(({ expert, x }) => [`x${expert.suffix}`, x]));

const streamsFrom = (streams: readonly Stream[], carry: Carry): readonly Stream[] =>
  streams.map(({ expert, x }) => ({ expert, x: carry[`x${expert.suffix}`] ?? x }));

/** A pass, ready to run: its layers as a step of `scan`, and what comes after them. */
type Prepared = {
  readonly step: (carry: Carry, element: Element) => { readonly carry: Carry; readonly y: KeysValues };
  readonly init: Carry;
  readonly stacked: Element;
  readonly finish: (carry: Carry) => GemmaOutput['outputs'];
};

const prepare = (params: Params, experts: GemmaExperts, pass: GemmaPass, compute: DType): Prepared => {
  const [{ config: heads }] = experts;
  const tokens = pass.tokens.map((x) => (x === undefined ? undefined : convert(x, compute)));
  const streams = streamsOf(experts, tokens, pass.conditions ?? []);
  const context = {
    heads,
    table: ropeTable(pass.positions, heads.headDim, compute),
    bias: maskBias(pass.mask, compute),
    wideQueries: pass.wideQueries ?? false,
  };
  const layers = paramsBelow(params, 'layers');
  return {
    step: (x, element) => {
      const after = gemmaLayer(context, element.layer, streamsFrom(streams, x), element.cache);
      return { carry: carryOf(after.streams), y: pass.ownCache === true ? after.own : after.joint };
    },
    init: carryOf(streams),
    stacked: pass.cache === undefined ? { layer: layers } : { layer: layers, cache: pass.cache },
    finish: (carry) => {
      const outputs = new Map(
        streamsFrom(streams, carry).map(({ expert, x }) => [expert.index, normOf(params, 'final_norm', expert, x).y]),
      );
      return experts.map((_, i) => outputs.get(i));
    },
  };
};

/**
 * The layers of all experts, which share one attention, and each expert's last normalization.
 *
 * The layers run under `scan`: one sub-program however deep the stack; what the derivative keeps of each is the pass's
 * remat policy. Without a policy a shallow stack of few tokens is written out.
 *
 * @param params - the tree that `gemmaSpecs` describes.
 * @param compute - the dtype of tokens, heads and caches; parameters are converted where they are used.
 * @source openpi `models/gemma.py` `Module.__call__` (15a9616)
 */
export const gemma = (params: Params, experts: GemmaExperts, pass: GemmaPass, compute: DType): GemmaOutput => {
  const { step, init, stacked, finish } = prepare(params, experts, pass, compute);
  const [{ config }] = experts;
  const { carry, ys } = overLayers(step, init, stacked, { depth: config.depth, remat: pass.remat });
  return { outputs: finish(carry), cache: ys };
};
