import * as z from 'zod';
import { refuse } from './consistency.js';

const size = z.int().min(1);

const gemmaSchema = z.strictObject({
  width: size.describe('residual width d'),
  depth: size.describe('number of stacked layers'),
  mlpDim: size.describe('hidden width of the gated GELU'),
  numHeads: size.describe('query heads h'),
  numKvHeads: size.describe('key and value heads k; divides numHeads'),
  headDim: size.multipleOf(2).describe('width e of one head; even, RoPE rotates pairs'),
});

const pi0Schema = z
  .strictObject({
    kind: z.literal('pi0'),
    actionDim: size.describe('width ad that states and actions are padded to'),
    actionHorizon: size.describe('actions ah in one chunk'),
    maxTokenLen: size.describe('prompt tokens l; a longer prompt is refused, never cut'),
    vocabSize: size.nullable().default(null).describe("rows of the embedding table; null: the tokenizer's own"),
    paligemma: gemmaSchema.describe('the expert that reads the prompt'),
    actionExpert: gemmaSchema.describe('the expert that reads state, noisy actions and time'),
    remat: z
      .enum(['auto', 'carry', 'dots', 'none'])
      .default('auto')
      .describe(
        'what the derivative keeps of each layer: carry, its input alone, as openpi does; dots, products too; none: all, nothing is computed twice; auto: carry, but all of up to 8 layers, written out',
      ),
  })
  .superRefine((model, context) => {
    for (const key of ['depth', 'numHeads', 'numKvHeads', 'headDim'] as const) {
      if (model.paligemma[key] !== model.actionExpert[key]) {
        const message = `${model.actionExpert[key]} differs from model.paligemma.${key} = ${model.paligemma[key]}; the two experts share attention`;
        refuse(context, ['actionExpert', key], message);
      }
    }
    for (const expert of ['paligemma', 'actionExpert'] as const) {
      const { numHeads, numKvHeads } = model[expert];
      if (numHeads % numKvHeads !== 0) {
        const message = `${numKvHeads} does not divide numHeads = ${numHeads}`;
        refuse(context, [expert, 'numKvHeads'], message);
      }
    }
    if (model.actionExpert.width % 2 !== 0) {
      const message = `${model.actionExpert.width} is odd; the sine-cosine time embedding fills it in pairs`;
      refuse(context, ['actionExpert', 'width'], message);
    }
  });

export const modelSchema = z.discriminatedUnion('kind', [pi0Schema]);
