import { fsdpMinBytes, parseMesh, showShardingError } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import * as z from 'zod';
import { backendNames } from '../backend/names.js';
import { refuse } from './consistency.js';
import { dataSchema } from './data.js';
import { lrScheduleSchema } from './lrSchedule.js';
import { modelSchema } from './model.js';
import { optimizerSchema } from './optimizer.js';

const interval = z.int().min(1);

const compiles = (pattern: string): boolean => {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
};

const meshText = z.string().superRefine((text, context) => {
  const parsed = parseMesh(text);
  if (E.isLeft(parsed))
    context.addIssue({
      code: 'custom',
      message: `devices by axes such as data=2,fsdp=4 (${showShardingError(parsed.left)})`,
    });
});

const pathPattern = z.string().min(1).refine(compiles, { error: 'a regular expression' });

const fields = {
  name: z.string().min(1).describe('name of the run; the default folder is runs/<name>'),
  seed: z.int().min(0).max(0xffff_ffff).default(42),
  model: modelSchema,
  data: dataSchema.prefault({}),
  batchSize: interval.default(32).describe('samples per update'),
  steps: interval.default(30_000).describe('optimizer updates'),
  optimizer: optimizerSchema.prefault({ kind: 'adamw' }),
  lrSchedule: lrScheduleSchema.prefault({ kind: 'cosine' }),
  emaDecay: z.number().min(0).lt(1).nullable().default(0.99).describe('null: no averaged parameters'),
  freeze: z
    .array(pathPattern)
    .default([])
    .describe('regular expressions; a parameter whose whole path matches one is not trained'),
  gradientAccumulation: interval.default(1).describe('equal parts a batch is computed in; divides batchSize'),
  logInterval: interval.default(100),
  evalInterval: interval.default(1000).describe('the last step is always evaluated too'),
  evalWindows: interval
    .nullable()
    .default(64)
    .describe('held-out windows evaluated, evenly spread over the held-out frames; null: all'),
  evalSamples: interval
    .default(8)
    .describe('action chunks sampled per observation; their mean is scored beside the first'),
  saveInterval: interval.default(1000).describe('the last step is always saved too'),
  keepLast: interval.default(1).describe('newest checkpoints kept'),
  keepPeriod: interval
    .nullable()
    .default(5000)
    .describe('checkpoints at multiples of it are kept for ever; null: none'),
  numSamplingSteps: interval.default(10).describe('Euler steps from noise to actions'),
  backend: z.enum(backendNames).default('auto'),
  mesh: meshText
    .nullable()
    .default(null)
    .describe('devices by axes, such as data=2,fsdp=4; tensor too; null: one device'),
  fsdpMinBytes: z.int().min(0).default(fsdpMinBytes).describe('smaller tensors are whole on every device of fsdp'),
  out: z.string().min(1).describe('folder of the run'),
  maxMinutes: z
    .number()
    .gt(0)
    .nullable()
    .default(null)
    .describe('stop (evaluated and saved) after this long; null: never'),
};

/**
 * Every field of a run, with openpi's defaults where openpi has the field.
 *
 * @source openpi `training/config.py` `TrainConfig` (15a9616)
 */
export const trainConfigSchema = z.strictObject(fields).superRefine((config, context) => {
  if (config.batchSize % config.gradientAccumulation !== 0) {
    const message = `${config.gradientAccumulation} does not divide batchSize = ${config.batchSize}`;
    refuse(context, ['gradientAccumulation'], message);
  }
  if (config.mesh !== null && config.backend !== 'xla' && config.backend !== 'auto') {
    refuse(context, ['mesh'], `several devices need --backend xla, it is ${config.backend}`);
  }
  const mask = config.data.deltaActionMask;
  if (mask !== null && mask.length > config.model.actionDim) {
    const message = `${mask.length} entries for model.actionDim = ${config.model.actionDim} dimensions`;
    refuse(context, ['data', 'deltaActionMask'], message);
  }
});

/** A type with everything in it read-only. */
export type Immutable<T> = T extends readonly (infer A)[]
  ? readonly Immutable<A>[]
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;

/** The whole configuration of a run, decoded and consistent: what `config.json` in a run's folder holds. */
export type TrainConfig = Immutable<z.output<typeof trainConfigSchema>>;
