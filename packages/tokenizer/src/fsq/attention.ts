import * as E from 'fp-ts/lib/Either.js';
import type { ActionTokenError } from '../fast/error.js';
import type { ActionChunk } from '../interfaces.js';
import { fsqBins } from './codebook.js';
import type { Matrix } from './matrix.js';
import { add, affine, attend, gatedGelu, layerNorm, mapElements } from './matrix.js';
import type { FsqNetwork } from './tokenizer.js';

/** The sizes of openpi's `FsqAttentionTokenizer`, under its own names. */
export type FsqAttentionConfig = {
  readonly embed_dim: number;
  readonly data_dim: number;
  readonly data_horizon: number;
  readonly num_tokens: number;
  readonly num_layers: number;
  readonly target_codebook_size: number;
  readonly causal?: boolean;
  readonly mlp_ratio?: number;
  readonly bound?: number | null;
  readonly use_state_conditioning?: boolean;
};

/** Parameters by flax path, joined with `/`; each in row-major order. */
export type FsqParams = { readonly [path: string]: ArrayLike<number> };

type Sizes = readonly [rows: number, columns: number];

const headWidth = 64;

const dense = (prefix: string, inWidth: number, outWidth: number): readonly (readonly [string, Sizes])[] => [
  [`${prefix}/kernel`, [inWidth, outWidth]],
  [`${prefix}/bias`, [1, outWidth]],
];

const layerSizes = (prefix: string, d: number, hidden: number): readonly (readonly [string, Sizes])[] => [
  ...[0, 1].flatMap((i) =>
    ['query', 'key', 'value', 'out'].flatMap((name) =>
      dense(`${prefix}/MultiHeadDotProductAttention_${i}/${name}`, d, d),
    ),
  ),
  ...[0, 1, 2].flatMap((i): readonly (readonly [string, Sizes])[] => [
    [`${prefix}/LayerNorm_${i}/scale`, [1, d]],
    [`${prefix}/LayerNorm_${i}/bias`, [1, d]],
  ]),
  ...dense(`${prefix}/Dense_0`, d, hidden),
  ...dense(`${prefix}/GeGLU_0/Dense_0`, hidden, 2 * hidden),
  ...dense(`${prefix}/Dense_1`, hidden, d),
];

const halfSizes = (
  half: string,
  config: FsqAttentionConfig,
  lq: number,
  lk: number,
): readonly (readonly [string, Sizes])[] => {
  const d = config.embed_dim;
  const hidden = Math.trunc(d * (config.mlp_ratio ?? 2));
  const layers = Array.from({ length: config.num_layers }, (_, i) => `${half}/CrossAttentionLayer_${i}`);
  return [
    [`${half}/q_embed`, [lq, d]],
    [`${half}/y_pos_enc`, [lk, d]],
    ...layers.flatMap((layer) => layerSizes(layer, d, hidden)),
  ];
};

const sizesOf = (config: FsqAttentionConfig, bins: number): ReadonlyMap<string, Sizes> => {
  const { embed_dim: d, data_dim: ad, data_horizon: ah, num_tokens: n } = config;
  return new Map([
    ...dense('proj', ad, d),
    ...halfSizes('encoder', config, n, ah),
    ...dense('codebook/proj_down', d, bins),
    ...dense('codebook/proj_up', bins, d),
    ...halfSizes('decoder', config, ah, n),
    ...dense('proj_mean', d, ad),
    ['out_scale', [1, 1]] as const,
  ]);
};

type Weights = (path: string) => Matrix;

const badFit = (reason: string): E.Either<ActionTokenError, never> => E.left({ _tag: 'BadFit', reason });

const readWeights = (params: FsqParams, sizes: ReadonlyMap<string, Sizes>): E.Either<ActionTokenError, Weights> => {
  const unused = Object.keys(params).filter((path) => !sizes.has(path));
  if (unused.length > 0) return badFit(`the parameters ${unused.join(', ')} belong to no layer of this configuration`);
  const weights = new Map<string, Matrix>();
  for (const [path, [rows, columns]] of sizes) {
    const data = params[path];
    if (data?.length !== rows * columns || !Array.from(data).every(Number.isFinite)) {
      return badFit(
        `parameter ${path} has ${data?.length ?? 'no'} values: expected ${rows} × ${columns} finite numbers`,
      );
    }
    weights.set(path, { rows, columns, data });
  }
  return E.right((path) => weights.get(path) ?? { rows: 0, columns: 0, data: [] });
};

const layerOf = (w: Weights, prefix: string): ((x: Matrix, y: Matrix) => Matrix) => {
  const linear = (x: Matrix, name: string): Matrix =>
    affine(x, w(`${prefix}/${name}/kernel`), w(`${prefix}/${name}/bias`));
  const norm = (x: Matrix, i: number): Matrix =>
    layerNorm(x, w(`${prefix}/LayerNorm_${i}/scale`), w(`${prefix}/LayerNorm_${i}/bias`));
  const attention = (x: Matrix, y: Matrix, i: number): Matrix => {
    const name = `MultiHeadDotProductAttention_${i}`;
    const [q, k, v] = [linear(x, `${name}/query`), linear(y, `${name}/key`), linear(y, `${name}/value`)];
    return linear(attend(q, k, v, q.columns / headWidth), `${name}/out`);
  };
  return (x, y) => {
    const normed = norm(x, 0);
    const own = add(x, attention(normed, normed, 0));
    const crossed = add(own, attention(norm(own, 1), y, 1));
    const hidden = linear(norm(crossed, 2), 'Dense_0');
    return add(crossed, linear(gatedGelu(linear(hidden, 'GeGLU_0/Dense_0')), 'Dense_1'));
  };
};

const halfOf = (w: Weights, half: string, layers: number): ((y: Matrix) => Matrix) => {
  const stack = Array.from({ length: layers }, (_, i) => layerOf(w, `${half}/CrossAttentionLayer_${i}`));
  return (y) => {
    const placed = add(y, w(`${half}/y_pos_enc`));
    return stack.reduce((x, layer) => layer(x, placed), w(`${half}/q_embed`));
  };
};

const checkConfig = (config: FsqAttentionConfig): E.Either<ActionTokenError, readonly number[]> => {
  // openpi's causal mask compares feature values, not places; a state is no part of an action tokenizer's input.
  if (config.causal === true) return badFit('causal FSQ is not supported');
  if (config.use_state_conditioning === true) return badFit('FSQ conditioned on the state is not supported');
  return config.embed_dim % headWidth === 0 && config.embed_dim > 0
    ? fsqBins(config.target_codebook_size, 'custom')
    : badFit(`embed_dim is ${config.embed_dim}: expected a multiple of ${headWidth}, the width of a head`);
};

/** A learned FSQ network, and the bins of its codebook. */
export type FsqAttention = {
  readonly bins: readonly number[];
  readonly network: FsqNetwork;
};

/**
 * The learned halves of openpi's FSQ tokenizer, computed in float64: cross-attention from learned queries to the actions, and back.
 *
 * @errors `BadFit` for a parameter that is missing, unused, of another size or not finite, and for the causal and state-conditioned variants.
 * @source openpi `models/utils/fsq_tokenizer.py` `FsqAttentionTokenizer` (15a9616)
 */
export const fsqAttention = (
  config: FsqAttentionConfig,
  params: FsqParams,
): E.Either<ActionTokenError, FsqAttention> => {
  const bins = checkConfig(config);
  if (E.isLeft(bins)) return bins;
  const width = bins.right.length;
  const weights = readWeights(params, sizesOf(config, width));
  if (E.isLeft(weights)) return weights;
  const w = weights.right;
  const linear = (x: Matrix, name: string): Matrix => affine(x, w(`${name}/kernel`), w(`${name}/bias`));
  const [encoder, decoder] = [halfOf(w, 'encoder', config.num_layers), halfOf(w, 'decoder', config.num_layers)];
  const shape = [config.data_horizon, config.data_dim] as const;
  const [rows, columns] = shape;
  const checkShape = (given: ActionChunk['shape'], values: number): E.Either<ActionTokenError, null> =>
    given[0] === rows && given[1] === columns
      ? E.right(null)
      : E.left({ _tag: 'BadActionShape', shape: given, values, expected: `${rows}×${columns}, as it was trained` });
  const network: FsqNetwork = {
    numTokens: config.num_tokens,
    ...(typeof config.bound === 'number' ? { bound: config.bound } : {}),
    encode: (actions) =>
      E.map(() => {
        const encoded = encoder(linear({ rows, columns, data: actions.data }, 'proj'));
        return mapElements(linear(encoded, 'codebook/proj_down'), Math.tanh).data;
      })(checkShape(actions.shape, actions.data.length)),
    decode: (latents, given) =>
      E.map(() => {
        const up = linear({ rows: config.num_tokens, columns: width, data: latents }, 'codebook/proj_up');
        const mean = linear(decoder(up), 'proj_mean');
        return { shape, data: Float64Array.from(mean.data, (value) => value * (w('out_scale').data[0] ?? 1)) };
      })(checkShape(given, given[0] * given[1])),
  };
  return E.right({ bins: bins.right, network });
};
