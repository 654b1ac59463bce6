import * as fc from 'fast-check';
import { type Arrays, type Family, families } from './fixtures.js';

/** Sizes of a model small enough to look at every element. */
export type SmallModel = {
  readonly family: Family;
  readonly fusedLlm: boolean;
  readonly fusedExpert: boolean;
  readonly depth: number;
  readonly imageDepth: number;
  readonly headDim: number;
  readonly imageHeads: number;
  /** Widths that need not be different, for a transposition must not hide behind a square. */
  readonly widths: readonly number[];
};

const small = fc.integer({ min: 1, max: 3 });

export const models: fc.Arbitrary<SmallModel> = fc.record({
  family: fc.constantFrom(...families),
  fusedLlm: fc.boolean(),
  fusedExpert: fc.boolean(),
  depth: small,
  imageDepth: small,
  headDim: small,
  imageHeads: small,
  widths: fc.array(small, { minLength: 12, maxLength: 12 }),
});

type Named = readonly (readonly [string, readonly number[]])[];

const siglip = ({ imageDepth: l, imageHeads: n, widths }: SmallModel): Named => {
  const [d = 1, f = 1, j = 1, p = 1, s = 1, w = 1] = widths;
  const block = 'PaliGemma/img/Transformer/encoderblock';
  const attention = `${block}/MultiHeadDotProductAttention_0`;
  const norms = ['LayerNorm_0', 'LayerNorm_1'].flatMap((norm) => [
    [`${block}/${norm}/scale`, [l, d]] as const,
    [`${block}/${norm}/bias`, [l, d]] as const,
  ]);
  const projections = ['query', 'key', 'value'].flatMap((part) => [
    [`${attention}/${part}/kernel`, [l, d, n, j]] as const,
    [`${attention}/${part}/bias`, [l, n, j]] as const,
  ]);
  return [
    ['PaliGemma/img/embedding/kernel', [p, p, 3, d]],
    ['PaliGemma/img/embedding/bias', [d]],
    ['PaliGemma/img/pos_embedding', [1, s, d]],
    ...norms,
    [`${block}/MlpBlock_0/Dense_0/kernel`, [l, d, f]],
    [`${block}/MlpBlock_0/Dense_0/bias`, [l, f]],
    [`${block}/MlpBlock_0/Dense_1/kernel`, [l, f, d]],
    [`${block}/MlpBlock_0/Dense_1/bias`, [l, d]],
    ...projections,
    [`${attention}/out/kernel`, [l, n, j, d]],
    [`${attention}/out/bias`, [l, d]],
    ['PaliGemma/img/Transformer/encoder_norm/scale', [d]],
    ['PaliGemma/img/Transformer/encoder_norm/bias', [d]],
    ['PaliGemma/img/head/kernel', [d, w]],
    ['PaliGemma/img/head/bias', [w]],
  ];
};

type Expert = {
  readonly suffix: string;
  readonly d: number;
  readonly f: number;
  readonly fused: boolean;
  readonly adaptive: boolean;
};

// Grouped heads differ in number from those of the queries: else openpi stores them merged.
const gemma = ({ depth: l, headDim: e, widths }: SmallModel, { suffix, d, f, fused, adaptive }: Expert): Named => {
  const [, , , , , , k = 1] = widths;
  const layers = 'PaliGemma/llm/layers';
  const norm = (name: string, stack: readonly number[]): Named =>
    adaptive
      ? [
          [`${name}/Dense_0/kernel`, [...stack, d, 3 * d]],
          [`${name}/Dense_0/bias`, [...stack, 3 * d]],
        ]
      : [[`${name}/scale`, [...stack, d]]];
  const heads: Named = fused
    ? [[`${layers}/attn/qkv_einsum${suffix}/w`, [l, 3, 2 * k, d, e]]]
    : [
        [`${layers}/attn/q_einsum${suffix}/w`, [l, 2 * k, d, e]],
        [`${layers}/attn/kv_einsum${suffix}/w`, [l, 2, k, d, e]],
      ];
  return [
    ...heads,
    [`${layers}/attn/attn_vec_einsum${suffix}/w`, [l, 2 * k, e, d]],
    [`${layers}/mlp${suffix}/gating_einsum`, [l, 2, d, f]],
    [`${layers}/mlp${suffix}/linear`, [l, f, d]],
    ...norm(`${layers}/pre_attention_norm${suffix}`, [l]),
    ...norm(`${layers}/pre_ffw_norm${suffix}`, [l]),
    ...norm(`PaliGemma/llm/final_norm${suffix}`, []),
  ];
};

const heads = (family: Family, a: number, x: number): Named => {
  const dense = (name: string, i: number, o: number): Named => [
    [`${name}/kernel`, [i, o]],
    [`${name}/bias`, [o]],
  ];
  const ends = [...dense('action_in_proj', a, x), ...dense('action_out_proj', x, a)];
  if (family === 'pi0-fast') return [];
  return family === 'pi05'
    ? [...ends, ...dense('time_mlp_in', x, x), ...dense('time_mlp_out', x, x)]
    : [
        ...ends,
        ...dense('state_proj', a, x),
        ...dense('action_time_mlp_in', 2 * x, x),
        ...dense('action_time_mlp_out', x, x),
      ];
};

/** A model of these sizes; every element is another whole number. */
export const randomModel = (model: SmallModel): Arrays => {
  const { family, fusedLlm, fusedExpert, widths } = model;
  const [, f = 1, , , , w = 1, , x = 1, xf = 1, a = 1, v = 1] = widths;
  const main = { suffix: '', d: w, f, fused: fusedLlm, adaptive: false };
  const expert = { suffix: '_1', d: x, f: xf, fused: fusedExpert, adaptive: family === 'pi05' };
  let count = 0;
  const named: Named = [
    ...siglip(model),
    ['PaliGemma/llm/embedder/input_embedding', [v, w]],
    ...gemma(model, main),
    ...(family === 'pi0-fast' ? [] : gemma(model, expert)),
    ...heads(family, a, x),
  ];
  return new Map(
    named.map(([name, shape]) => {
      const size = shape.reduce((n, dim) => n * dim, 1);
      const elements = Array.from({ length: size }, (_, i) => count + i + 1);
      count += size;
      return [name, { shape, elements }] as const;
    }),
  );
};
