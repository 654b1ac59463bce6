import type { GemmaConfig, LoraForm } from '@torsor/models';
import type { DType } from '@torsor/tensor';
import * as z from 'zod';

const size = z.int().min(1);

const loraSchema = z
  .strictObject({
    rank: size.describe('width of the two factors'),
    alpha: z.number().gt(0).describe('the product is scaled by alpha / rank'),
    rslora: z.boolean().default(false).describe('scale by alpha / √rank instead'),
  })
  .nullable()
  .default(null);

/** An expert as a configuration states it. */
export const gemmaSchema = z.strictObject({
  width: size.describe('residual width d'),
  depth: size.describe('number of stacked layers'),
  mlpDim: size.describe('hidden width of the gated GELU'),
  numHeads: size.describe('query heads h'),
  numKvHeads: size.describe('key and value heads k; divides numHeads'),
  headDim: size.multipleOf(2).describe('width e of one head; even, RoPE rotates pairs'),
  lora: z
    .strictObject({ attn: loraSchema, ffn: loraSchema })
    .nullable()
    .default(null)
    .describe('low-rank factors beside the kernels of attention and feed-forward; null: none'),
});

/** An expert's settings. */
export type GemmaSettings = z.output<typeof gemmaSchema>;

/**
 * An expert as `@torsor/models` takes it.
 *
 * @param frozenDtype - what frozen parameters are stored in, whatever holds them.
 */
export const gemmaOf = (
  { lora, ...sizes }: GemmaSettings,
  form: LoraForm,
  frozenDtype: DType | undefined,
): GemmaConfig => {
  if (lora === null) return sizes;
  const { attn, ffn } = lora;
  return {
    ...sizes,
    lora: {
      ...(attn === null ? {} : { attn }),
      ...(ffn === null ? {} : { ffn }),
      form,
      ...(frozenDtype === undefined ? {} : { frozenDtype }),
    },
  };
};
