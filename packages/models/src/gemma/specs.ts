import { type DType, type Shape, tensorType } from '@torsor/tensor';
import { type Initializer, lecunNormal, normalInit, ParamSpec, type ParamSpecs, zeros } from '../params/spec.js';
import { expertSuffix, type GemmaExpert } from './config.js';

type Entries = readonly (readonly [string, ParamSpecs])[];

/** Flax's `nn.initializers.normal()`. */
const embeddingStd = 0.01;

const headSpecs = ({ config }: GemmaExpert, suffix: string, spec: Spec): Entries => {
  const { width, numHeads, numKvHeads, headDim } = config;
  const out = [
    `attn_vec_einsum${suffix}`,
    { w: spec([numHeads, headDim, width], lecunNormal(numHeads * headDim)) },
  ] as const;
  if (numHeads === numKvHeads) {
    return [[`qkv_einsum${suffix}`, { w: spec([3, numHeads, width, headDim], lecunNormal(width)) }], out];
  }
  return [
    [`q_einsum${suffix}`, { w: spec([numHeads, width, headDim], lecunNormal(width)) }],
    [`kv_einsum${suffix}`, { w: spec([2, numKvHeads, width, headDim], lecunNormal(width)) }],
    out,
  ];
};

type Spec = (shape: Shape, initializer: Initializer) => ParamSpec;

/** A scale, or the modulation of an adaptive norm; both make the normalisation begin as the plain one. */
const normSpecs = ({ adaptive, config: { width } }: GemmaExpert, spec: Spec): ParamSpecs =>
  adaptive
    ? { Dense_0: { kernel: spec([width, 3 * width], zeros), bias: spec([3 * width], zeros) } }
    : { scale: spec([width], zeros) };

const feedForwardSpecs = ({ config: { width, mlpDim } }: GemmaExpert, spec: Spec): ParamSpecs => ({
  gating_einsum: spec([2, width, mlpDim], lecunNormal(width)),
  linear: spec([mlpDim, width], lecunNormal(mlpDim)),
});

const perExpert = (experts: readonly GemmaExpert[], of: (expert: GemmaExpert, suffix: string) => Entries): ParamSpecs =>
  Object.fromEntries(experts.flatMap((expert, i) => of(expert, expertSuffix(i))));

/**
 * The parameters of Gemma with several experts, as openpi names and begins them. Everything below `layers` is stacked on
 * a leading axis of the layers.
 *
 * @param vocabSize - rows of the embedding table, which belongs to the first expert.
 * @source openpi `models/gemma.py` (15a9616)
 */
export const gemmaSpecs = (experts: readonly GemmaExpert[], vocabSize: number, dtype: DType): ParamSpecs => {
  const [first] = experts;
  const depth = first?.config.depth ?? 0;
  const flat: Spec = (shape, initializer) => new ParamSpec(tensorType(dtype, shape), initializer);
  const stacked: Spec = (shape, initializer) => flat([depth, ...shape], initializer);
  return {
    embedder: { input_embedding: flat([vocabSize, first?.config.width ?? 0], normalInit(embeddingStd)) },
    layers: {
      attn: perExpert(experts, (expert, suffix) => headSpecs(expert, suffix, stacked)),
      ...perExpert(experts, (expert, suffix) => [
        [`mlp${suffix}`, feedForwardSpecs(expert, stacked)],
        [`pre_attention_norm${suffix}`, normSpecs(expert, stacked)],
        [`pre_ffw_norm${suffix}`, normSpecs(expert, stacked)],
      ]),
    },
    ...perExpert(experts, (expert, suffix) => [[`final_norm${suffix}`, normSpecs(expert, flat)]]),
  };
};
