import { type Pi0FastConfig, siglipSizes, siglipVariant, so400m14 } from '@torsor/models';
import type { DType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import * as z from 'zod';
import { type GemmaSettings, gemmaOf, gemmaSchema } from './gemma.js';
import type { Immutable } from './immutable.js';
import { refuseSettings } from './refuse.js';

const size = z.int().min(1);

const tower = z.string().superRefine((name, context) => {
  const found = siglipVariant(name);
  if (E.isLeft(found)) context.addIssue({ code: 'custom', message: found.left.reason });
});

/** What the policies of all families say of themselves. */
export const sharedSettings = {
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

type Shared = z.output<z.ZodObject<typeof sharedSettings>>;

/** Refuses query heads that key and value heads do not divide. */
export const checkHeads = (
  context: z.core.$RefinementCtx,
  expert: string,
  { numHeads, numKvHeads }: GemmaSettings,
): void => {
  if (numHeads % numKvHeads === 0) return;
  refuseSettings(context, [expert, 'numKvHeads'], `${numKvHeads} does not divide numHeads = ${numHeads}`);
};

/** The pictures of a model. */
export type PictureSizes = {
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

const checkPatches = (context: z.core.$RefinementCtx, { cameras, imageSize, siglip }: PictureSizes): void => {
  const found = siglipVariant(siglip);
  // Without cameras there is no tower, and the sizes mean nothing.
  if (cameras.length === 0 || E.isLeft(found)) return;
  const { patchSize } = found.right;
  if (imageSize.every((side) => side % patchSize === 0)) return;
  const near = `${siglip.split('/')[0] ?? ''}/${nearestPatch(patchSize, imageSize)}`;
  const message = `patches of ${patchSize} pixels do not divide model.imageSize = [${imageSize.join(', ')}]; the nearest that do: ${near}`;
  refuseSettings(context, ['siglip'], message);
};

/** Refuses a camera that is named twice, and pictures that patches do not fill. */
export const checkPictures = (context: z.core.$RefinementCtx, sizes: PictureSizes): void => {
  const { cameras } = sizes;
  const twice = cameras.find((name, i) => cameras.indexOf(name) !== i);
  if (twice !== undefined) refuseSettings(context, ['cameras'], `${twice} is named twice`);
  checkPatches(context, sizes);
};

/**
 * The part of a model's configuration that all families have.
 *
 * @param vocabulary - rows of the embedding table where the settings leave them to the tokenizer.
 * @param frozenDtype - what frozen parameters are stored in.
 */
export const sharedConfig = (
  settings: Immutable<Shared>,
  vocabulary: number,
  frozenDtype: DType | undefined,
): Pi0FastConfig => ({
  actionDim: settings.actionDim,
  actionHorizon: settings.actionHorizon,
  maxTokenLen: settings.maxTokenLen,
  vocabSize: settings.vocabSize ?? vocabulary,
  paligemma: gemmaOf(settings.paligemma, settings.lora, frozenDtype),
  cameras: settings.cameras,
  imageSize: settings.imageSize,
  // The settings admit names of towers alone.
  siglip: E.getOrElse(() => so400m14)(siglipVariant(settings.siglip)),
  paramDtype: 'f32',
  computeDtype: settings.computeDtype,
  ...(settings.remat === 'auto' ? {} : { remat: settings.remat }),
});
