import { type DType, type Shape, tensorType } from '@torsor/tensor';
import { factorSpecs } from '../lora/specs.js';
import { lecunNormal, normalInit, ParamSpec, type ParamSpecs, type Spec, zeros } from '../params/spec.js';
import { expertSuffix, type GemmaConfig, type GemmaExpert } from './config.js';

type Entries = readonly (readonly [string, ParamSpecs])[];

/** Flax's `nn.initializers.normal()`. */
const embeddingStd = 0.01;

/** In what openpi's two files of Gemma begin differently. */
export type GemmaInit = {
  /** The embedding table: with standard deviation 0.01, as in `gemma.py`, or at zero, as in `gemma_fast.py`. */
  readonly table: 'normal' | 'zeros';
  /** The fan-in of the output projection of attention: of all heads, as in `gemma.py`, or of one, as in `gemma_fast.py`. */
  readonly outputFanIn: 'heads' | 'head';
};

const jointInit: GemmaInit = { table: 'normal', outputFanIn: 'heads' };

const einsumSpecs = ({ lora }: GemmaConfig, shape: Shape, fanIn: number, spec: Spec): ParamSpecs => {
  const w = spec(shape, lecunNormal(fanIn));
  if (lora?.attn === undefined) return { w };
  const [a, b] = factorSpecs(shape, lora.attn.rank, lora.form, spec);
  return { w, lora_a: a, lora_b: b };
};

const headSpecs = ({ config }: GemmaExpert, suffix: string, init: GemmaInit, spec: Spec): Entries => {
  const { width, numHeads, numKvHeads, headDim } = config;
  const einsum = (name: string, shape: Shape, fanIn: number): readonly [string, ParamSpecs] => [
    `${name}${suffix}`,
    einsumSpecs(config, shape, fanIn, spec),
  ];
  const fanIn = init.outputFanIn === 'heads' ? numHeads * headDim : headDim;
  const out = einsum('attn_vec_einsum', [numHeads, headDim, width], fanIn);
  if (numHeads === numKvHeads) return [einsum('qkv_einsum', [3, numHeads, width, headDim], width), out];
  return [
    einsum('q_einsum', [numHeads, width, headDim], width),
    einsum('kv_einsum', [2, numKvHeads, width, headDim], width),
    out,
  ];
};

/** A scale, or the modulation of an adaptive norm; both make the normalization begin as the plain one. */
const normSpecs = ({ adaptive, config: { width } }: GemmaExpert, spec: Spec): ParamSpecs =>
  adaptive
    ? { Dense_0: { kernel: spec([width, 3 * width], zeros), bias: spec([3 * width], zeros) } }
    : { scale: spec([width], zeros) };

const feedForwardSpecs = ({ config: { width, mlpDim, lora } }: GemmaExpert, spec: Spec): ParamSpecs => {
  const shapes = { gating_einsum: [2, width, mlpDim], linear: [mlpDim, width] } as const;
  const weights = {
    gating_einsum: spec(shapes.gating_einsum, lecunNormal(width)),
    linear: spec(shapes.linear, lecunNormal(mlpDim)),
  };
  if (lora?.ffn === undefined) return weights;
  const { rank } = lora.ffn;
  const [gatingA, gatingB] = factorSpecs(shapes.gating_einsum, rank, lora.form, spec);
  const [linearA, linearB] = factorSpecs(shapes.linear, rank, lora.form, spec);
  return {
    ...weights,
    gating_einsum_lora_a: gatingA,
    gating_einsum_lora_b: gatingB,
    linear_lora_a: linearA,
    linear_lora_b: linearB,
  };
};

const perExpert = (experts: readonly GemmaExpert[], of: (expert: GemmaExpert, suffix: string) => Entries): ParamSpecs =>
  Object.fromEntries(experts.flatMap((expert, i) => of(expert, expertSuffix(i))));

/**
 * The parameters of Gemma with several experts, as openpi names and begins them. Everything below `layers` is stacked on
 * a leading axis of the layers.
 *
 * @param vocabSize - rows of the embedding table, which belongs to the first expert.
 * @param init - as in openpi's `gemma.py` when absent.
 * @source openpi `models/gemma.py`, `models/gemma_fast.py`, `models/lora.py` (15a9616)
 */
export const gemmaSpecs = (
  experts: readonly GemmaExpert[],
  vocabSize: number,
  dtype: DType,
  init: GemmaInit = jointInit,
): ParamSpecs => {
  const [first] = experts;
  const depth = first?.config.depth ?? 0;
  const flat: Spec = (shape, initializer) => new ParamSpec(tensorType(dtype, shape), initializer);
  const stacked: Spec = (shape, initializer) => flat([depth, ...shape], initializer);
  return {
    embedder: {
      input_embedding: flat(
        [vocabSize, first?.config.width ?? 0],
        init.table === 'normal' ? normalInit(embeddingStd) : zeros,
      ),
    },
    layers: {
      attn: perExpert(experts, (expert, suffix) => headSpecs(expert, suffix, init, stacked)),
      ...perExpert(experts, (expert, suffix) => [
        [`mlp${suffix}`, feedForwardSpecs(expert, stacked)],
        [`pre_attention_norm${suffix}`, normSpecs(expert, stacked)],
        [`pre_ffw_norm${suffix}`, normSpecs(expert, stacked)],
      ]),
    },
    ...perExpert(experts, (expert, suffix) => [[`final_norm${suffix}`, normSpecs(expert, flat)]]),
  };
};
