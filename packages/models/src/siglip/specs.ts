import { type DType, type Shape, tensorType } from '@torsor/tensor';
import {
  type Initializer,
  lecunNormal,
  normalInit,
  ones,
  ParamSpec,
  type ParamSpecs,
  xavierUniform,
  zeros,
} from '../params/spec.js';
import type { SiglipConfig } from './config.js';
import { gridOf } from './patches.js';

type Spec = (shape: Shape, initializer: Initializer) => ParamSpec;

const norm = (spec: Spec, width: number): ParamSpecs => ({ scale: spec([width], ones), bias: spec([width], zeros) });

/** The standard deviation of the biases of the feed-forward layer. */
const biasStd = 1e-6;

const attentionSpecs = (spec: Spec, { width, numHeads }: SiglipConfig): ParamSpecs => {
  const headDim = width / numHeads;
  const into = {
    kernel: spec([width, numHeads, headDim], xavierUniform(width, width)),
    bias: spec([numHeads, headDim], zeros),
  };
  return {
    query: into,
    key: into,
    value: into,
    out: { kernel: spec([numHeads, headDim, width], xavierUniform(width, width)), bias: spec([width], zeros) },
  };
};

const dense = (spec: Spec, inputs: number, outputs: number): ParamSpecs => ({
  kernel: spec([inputs, outputs], xavierUniform(inputs, outputs)),
  bias: spec([outputs], normalInit(biasStd)),
});

/**
 * The parameters of a SigLIP vision tower, as openpi names and begins them: what is below `PaliGemma/img`. Everything
 * below `encoderblock` is stacked on a leading axis of the layers.
 *
 * @param imageSize - height and width of the images, in pixels; each a multiple of the patch size.
 * @param outWidth - the width of the tokens that the head gives.
 * @source openpi `models/siglip.py` (15a9616)
 */
export const siglipSpecs = (
  config: SiglipConfig,
  imageSize: readonly [height: number, width: number],
  outWidth: number,
  dtype: DType,
): ParamSpecs => {
  const { width, depth, mlpDim, patchSize: p, posemb } = config;
  const [rows, columns] = gridOf(imageSize, p);
  const flat: Spec = (shape, initializer) => new ParamSpec(tensorType(dtype, shape), initializer);
  const stacked: Spec = (shape, initializer) => flat([depth, ...shape], initializer);
  return {
    embedding: { kernel: flat([p, p, 3, width], lecunNormal(p * p * 3)), bias: flat([width], zeros) },
    ...(posemb === 'learn' ? { pos_embedding: flat([1, rows * columns, width], normalInit(width ** -0.5)) } : {}),
    Transformer: {
      encoderblock: {
        LayerNorm_0: norm(stacked, width),
        MultiHeadDotProductAttention_0: attentionSpecs(stacked, config),
        LayerNorm_1: norm(stacked, width),
        MlpBlock_0: { Dense_0: dense(stacked, width, mlpDim), Dense_1: dense(stacked, mlpDim, width) },
      },
      encoder_norm: norm(flat, width),
    },
    head: { kernel: flat([width, outWidth], zeros), bias: flat([outWidth], zeros) },
  };
};
