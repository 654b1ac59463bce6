import { backendNames } from '@torsor/backends';
import { freezeSettings, type Immutable, modelSchema, pathPattern, refuseSettings } from '@torsor/policy';
import { nearest } from '@torsor/settings';
import { fsdpMinBytes, parseMesh, showShardingError } from '@torsor/sharding';
import { lrScheduleSchema, optimizerSchema } from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import * as z from 'zod';
import { dataSchema } from './data.js';

const interval = z.int().min(1);

const meshText = z.string().superRefine((text, context) => {
  const parsed = parseMesh(text);
  if (E.isLeft(parsed))
    context.addIssue({
      code: 'custom',
      message: `devices by axes such as data=2,fsdp=4 (${showShardingError(parsed.left)})`,
    });
});

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
  init: z
    .strictObject({
      from: z.string().min(1).describe('a checkpoint, or a safetensors file or folder in our names (torsor convert)'),
      fresh: z
        .array(pathPattern)
        .default(['.*lora.*'])
        .describe('regular expressions; parameters that it may lack, and that then begin as without it'),
      unused: z.array(pathPattern).default([]).describe('regular expressions; tensors of it that the model may lack'),
    })
    .nullable()
    .default(null)
    .describe('weights to begin from; null: fresh ones'),
  fromScratch: z
    .boolean()
    .default(false)
    .describe('begin from random weights under a preset that expects weights to begin from'),
  ...freezeSettings.shape,
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

/** How long a run is and how its learning rate goes, of a configuration that may be refused for other reasons. */
export const lengthSchema = z.object({ steps: fields.steps, lrSchedule: fields.lrSchedule });

type Model = z.output<typeof modelSchema>;

const hasLora = (model: Model): boolean =>
  model.paligemma.lora !== null || ('actionExpert' in model && model.actionExpert.lora !== null);

type Masked = { readonly model: Model; readonly data: { readonly deltaActionMask: readonly boolean[] | null } };

const checkMask = (
  { model: { actionDim }, data: { deltaActionMask: mask } }: Masked,
  context: z.RefinementCtx,
): void => {
  if (mask === null || mask.length <= actionDim) return;
  refuseSettings(
    context,
    ['data', 'deltaActionMask'],
    `${mask.length} entries for model.actionDim = ${actionDim} dimensions`,
  );
};

const checkCameras = (context: z.core.$RefinementCtx, known: readonly string[], given: readonly string[]): void => {
  for (const camera of given.filter((name) => !known.includes(name))) {
    const near = nearest(camera, known);
    const instead = near === null ? `they are ${known.join(', ') || 'none'}` : `did you mean ${near}?`;
    refuseSettings(context, ['data', 'cameras', camera], `no camera of model.cameras; ${instead}`);
  }
};

/**
 * Every field of a run, with openpi's defaults where openpi has the field.
 *
 * @source openpi `training/config.py` `TrainConfig` (15a9616)
 */
export const trainConfigSchema = z.strictObject(fields).superRefine((config, context) => {
  if (config.batchSize % config.gradientAccumulation !== 0) {
    const message = `${config.gradientAccumulation} does not divide batchSize = ${config.batchSize}`;
    refuseSettings(context, ['gradientAccumulation'], message);
  }
  if (config.mesh !== null && config.backend !== 'xla' && config.backend !== 'auto') {
    refuseSettings(context, ['mesh'], `several devices need --backend xla, it is ${config.backend}`);
  }
  if (config.freezeForLora && !hasLora(config.model)) {
    refuseSettings(
      context,
      ['freezeForLora'],
      'no expert has lora: give model.paligemma.lora or model.actionExpert.lora',
    );
  }
  if (config.fromScratch && config.init !== null) {
    refuseSettings(context, ['fromScratch'], `init.from is ${config.init.from}: begin from it, or from scratch`);
  }
  checkCameras(context, config.model.cameras, Object.keys(config.data.cameras));
  checkMask(config, context);
});

/** The whole configuration of a run, decoded and consistent: what `config.json` in a run's folder holds. */
export type TrainConfig = Immutable<z.output<typeof trainConfigSchema>>;
