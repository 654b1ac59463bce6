import { siglipSizes, siglipVariant } from '@torsor/models';
import * as E from 'fp-ts/lib/Either.js';
import * as z from 'zod';
import { refuse } from './consistency.js';

const size = z.int().min(1);

const loraSchema = z
  .strictObject({
    rank: size.describe('width of the two factors'),
    alpha: z.number().gt(0).describe('the product is scaled by alpha / rank'),
    rslora: z.boolean().default(false).describe('scale by alpha / √rank instead'),
  })
  .nullable()
  .default(null);

const gemmaSchema = z.strictObject({
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

const tower = z.string().superRefine((name, context) => {
  const found = siglipVariant(name);
  if (E.isLeft(found)) context.addIssue({ code: 'custom', message: found.left.reason });
});

/** What the policies of all families say of themselves. */
const shared = {
  actionDim: size.describe('width ad that states and actions are padded to'),
  actionHorizon: size.describe('actions ah in one chunk'),
  maxTokenLen: size.describe('tokens l of a prompt or sequence; a longer one is refused, never cut'),
  vocabSize: size.nullable().default(null).describe("rows of the embedding table; null: the tokenizer's own"),
  paligemma: gemmaSchema.describe('the expert that reads pictures and prompt'),
  cameras: z
    .array(z.string().min(1))
    .default([])
    .describe("the model's cameras, in order, such as base_0_rgb; none: a policy without pictures or image tower"),
  imageSize: z.tuple([size, size]).default([224, 224]).describe('height and width of a picture'),
  siglip: tower
    .default('So400m/14')
    .describe(
      `the image tower: its size (${siglipSizes.join(', ')}) / the side of a patch in pixels, which divides imageSize`,
    ),
  lora: z
    .enum(['textbook', 'openpi'])
    .default('textbook')
    .describe("how low-rank factors are used: as published; or with openpi's habits, which its checkpoints depend on"),
  computeDtype: z.enum(['f32', 'bf16']).default('f32').describe('what transformer and image tower compute in'),
  remat: z
    .enum(['auto', 'carry', 'dots', 'none'])
    .default('auto')
    .describe(
      'what the derivative keeps of each layer: carry, its input alone, as openpi does; dots, products too; none: all, nothing is computed twice; auto: carry, but all of up to 8 layers of few tokens, written out',
    ),
};

type Gemma = z.output<typeof gemmaSchema>;

const checkHeads = (context: z.core.$RefinementCtx, expert: string, { numHeads, numKvHeads }: Gemma): void => {
  if (numHeads % numKvHeads !== 0) {
    refuse(context, [expert, 'numKvHeads'], `${numKvHeads} does not divide numHeads = ${numHeads}`);
  }
};

type Pictures = {
  readonly cameras: readonly string[];
  readonly imageSize: readonly [height: number, width: number];
  readonly siglip: string;
};

/** The side nearest to `patch` of patches that fill a picture; the smaller one of equals. */
const nearestPatch = (patch: number, sides: readonly number[]): number => {
  const fitting = Array.from({ length: Math.min(...sides) }, (_, i) => i + 1).filter((p) =>
    sides.every((side) => side % p === 0),
  );
  return fitting.toSorted((a, b) => Math.abs(a - patch) - Math.abs(b - patch))[0] ?? 1;
};

/** Without cameras there is no tower, and the sizes mean nothing. */
const checkPictures = (context: z.core.$RefinementCtx, { cameras, imageSize, siglip }: Pictures): void => {
  const twice = cameras.find((name, i) => cameras.indexOf(name) !== i);
  if (twice !== undefined) refuse(context, ['cameras'], `${twice} is named twice`);
  const found = siglipVariant(siglip);
  if (cameras.length === 0 || E.isLeft(found)) return;
  const { patchSize } = found.right;
  if (imageSize.every((side) => side % patchSize === 0)) return;
  const near = `${siglip.split('/')[0] ?? ''}/${nearestPatch(patchSize, imageSize)}`;
  const message = `patches of ${patchSize} pixels do not divide model.imageSize = [${imageSize.join(', ')}]; the nearest that do: ${near}`;
  refuse(context, ['siglip'], message);
};

type Flow = Pictures & { readonly paligemma: Gemma; readonly actionExpert: Gemma };

const checkFlow = (model: Flow, context: z.core.$RefinementCtx): void => {
  for (const key of ['depth', 'numHeads', 'numKvHeads', 'headDim'] as const) {
    if (model.paligemma[key] !== model.actionExpert[key]) {
      const message = `${model.actionExpert[key]} differs from model.paligemma.${key} = ${model.paligemma[key]}; the two experts share attention`;
      refuse(context, ['actionExpert', key], message);
    }
  }
  for (const expert of ['paligemma', 'actionExpert'] as const) checkHeads(context, expert, model[expert]);
  if (model.actionExpert.width % 2 !== 0) {
    const message = `${model.actionExpert.width} is odd; the sine-cosine time embedding fills it in pairs`;
    refuse(context, ['actionExpert', 'width'], message);
  }
  checkPictures(context, model);
};

const actionExpert = gemmaSchema.describe('the expert that reads noisy actions and time, and in π0 the state');

const pi0Schema = z.strictObject({ kind: z.literal('pi0'), ...shared, actionExpert }).superRefine(checkFlow);

const pi05Schema = z
  .strictObject({
    kind: z.literal('pi05'),
    ...shared,
    actionExpert,
    discreteStateInput: z.boolean().default(true).describe('the prompt tells the state in 256 bins'),
  })
  .superRefine(checkFlow);

const fastSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'folder of a FAST processor (processor_config.json, tokenizer.json); null: fitted on the training chunks',
    ),
  scale: z.number().gt(0).default(10).describe('steps per unit of a normalized DCT coefficient, when fitted'),
  vocabSize: size.default(1024).describe('tokens of the byte-pair encoding, when fitted'),
  onOutOfRange: z
    .enum(['refuse', 'clamp'])
    .default('refuse')
    .describe('a chunk with motions that the tokenizer has no token for; clamp takes the nearest, and counts them'),
});

const pi0FastSchema = z
  .strictObject({
    kind: z.literal('pi0-fast'),
    ...shared,
    fast: fastSchema.prefault({}).describe('the tokenizer of action chunks'),
    decoding: z
      .enum(['consistent', 'openpi'])
      .default('consistent')
      .describe(
        "positions and masks of decoding: training's own; or openpi's, which its released checkpoints were evaluated with",
      ),
    maxDecodingSteps: size.default(256).describe('tokens decoded for a chunk at most'),
    temperature: z
      .number()
      .min(0)
      .default(1)
      .describe('of the chunks after the first, when several are sampled for an observation; the first is greedy'),
  })
  .superRefine((model, context) => {
    checkHeads(context, 'paligemma', model.paligemma);
    checkPictures(context, model);
  });

export const modelSchema = z.discriminatedUnion('kind', [pi0Schema, pi05Schema, pi0FastSchema]);
