import { biasedGelu, layerNormIn, linear, selfAttention } from '@torsor/nn';
import { add, convert, type DType, type Expr, type Remat } from '@torsor/tensor';
import { overLayers } from '../layers/stack.js';
import { type Params, paramAt, paramsBelow } from '../params/at.js';
import { linearAt } from '../params/linear.js';
import type { SiglipConfig } from './config.js';
import { patchTokens } from './patches.js';

/** How a vision tower computes. */
export type SiglipOptions = {
  /** The dtype of the layers; patches and positions are in that of the images. */
  readonly compute: DType;
  /**
   * What the derivative keeps of each layer; when absent, everything of a shallow stack of few tokens, else
   * the tokens between layers.
   */
  readonly remat?: Remat | undefined;
};

const normAt = (params: Params, name: string, x: Expr): Expr =>
  layerNormIn(x, paramAt(params, `${name}/scale`), paramAt(params, `${name}/bias`));

const layer = (params: Params, x: Expr): Expr => {
  const attended = selfAttention(
    {
      query: linearAt(params, 'MultiHeadDotProductAttention_0/query'),
      key: linearAt(params, 'MultiHeadDotProductAttention_0/key'),
      value: linearAt(params, 'MultiHeadDotProductAttention_0/value'),
      out: linearAt(params, 'MultiHeadDotProductAttention_0/out'),
    },
    normAt(params, 'LayerNorm_0', x),
  );
  const mixed = add(x, attended);
  const [inner, outer] = [linearAt(params, 'MlpBlock_0/Dense_0'), linearAt(params, 'MlpBlock_0/Dense_1')];
  return add(mixed, biasedGelu(inner, outer, normAt(params, 'LayerNorm_1', mixed)));
};

/**
 * The tokens of images: patches, a stack of layers that all see one another, a last normalization, and a map to the
 * width of the language model. Nothing is pooled.
 *
 * @param params - the tree that `siglipSpecs` describes, what is below `PaliGemma/img`.
 * @param image - `f32[b, h, w, 3]` in [-1, 1].
 * @returns `[b, s, d]` in the compute dtype, one token per patch, row by row.
 * @errors `ShapeError` for an image that is no floating-point `[b, h, w, 3]` of whole patches.
 * @source openpi `models/siglip.py` `_Module.__call__` with `pool_type="none"` (15a9616)
 */
export const siglip = (params: Params, config: SiglipConfig, image: Expr, { compute, remat }: SiglipOptions): Expr => {
  const { carry } = overLayers(
    (x: Expr, own: Params) => ({ carry: layer(own, x), y: {} }),
    convert(patchTokens(params, config, image), compute),
    paramsBelow(params, 'Transformer/encoderblock'),
    { depth: config.depth, remat },
  );
  return linear(linearAt(params, 'head'), normAt(paramsBelow(params, 'Transformer'), 'encoder_norm', carry));
};
