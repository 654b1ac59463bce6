import { adamw, type Optimizer, sgd } from '@torsor/optim';
import type { Immutable } from '@torsor/policy';
import * as z from 'zod';

const rate = z.number().min(0).lt(1);

const adamwSchema = z.strictObject({
  kind: z.literal('adamw'),
  b1: rate.default(0.9),
  b2: rate.default(0.95),
  eps: z.number().gt(0).default(1e-8),
  weightDecay: z.number().min(0).default(1e-10).describe('decoupled; multiplied by the learning rate'),
  clipGradientNorm: z.number().gt(0).nullable().default(1).describe('global L2 norm; null: no clipping'),
});

const sgdSchema = z.strictObject({
  kind: z.literal('sgd'),
  momentum: rate.default(0.9),
  nesterov: z.boolean().default(false),
});

/**
 * An optimizer as a configuration states it.
 *
 * @source openpi `training/optimizer.py` `AdamW`, `SGD` (15a9616): the fields and their defaults
 */
export const optimizerSchema = z.discriminatedUnion('kind', [adamwSchema, sgdSchema]);

/** Fields that openpi's `SGD` carries or seems to promise and never applies: refused, with what to write instead. */
export const ignoredBySgd: Readonly<Record<string, string>> = {
  lr: "openpi's SGD ignores its own lr; the learning rate is lrSchedule's",
  clipGradientNorm: "openpi's SGD never clips; use optimizer.kind adamw to clip",
  weightDecay: "openpi's SGD has no weight decay; use optimizer.kind adamw",
};

/** A decoded optimizer. */
export type OptimizerSettings = Immutable<z.output<typeof optimizerSchema>>;

/** The optimizer of settings. */
export const optimizerOf = (settings: OptimizerSettings): Optimizer => {
  if (settings.kind === 'sgd') return (learningRate) => sgd({ ...settings, learningRate });
  const { clipGradientNorm, ...rest } = settings;
  const clipping = clipGradientNorm === null ? {} : { clipGradientNorm };
  return (learningRate) => adamw({ ...rest, ...clipping, learningRate });
};
