import { type FreezeSettings, familyOf, type ModelSettings } from '@torsor/policy';
import { parseMesh } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import type { OptimizerSettings } from './update/optimizer.js';

/** The settings by which it is known which of the others are read. */
export type ReadSettings = Pick<FreezeSettings, 'freeze' | 'freezeForLora'> & {
  readonly model: ModelSettings;
  readonly data: {
    readonly cameras: { readonly [camera: string]: string | null };
    readonly augment: boolean;
    readonly stats: string | null;
  };
  readonly optimizer: OptimizerSettings;
  readonly evalSamples: number;
  readonly mesh: string | null;
};

/** A setting that others leave unread. */
export type IgnorableSetting = {
  /** Its dotted key path. */
  readonly path: string;
  /** Whether nothing reads it under these settings. */
  readonly isIgnored: (settings: ReadSettings) => boolean;
  /** Why. */
  readonly reason: string;
  /** What to do to have it read. */
  readonly remedy: string;
};

const hasNoCameras = ({ model }: ReadSettings): boolean => model.cameras.length === 0;

const noCameras = { isIgnored: hasNoCameras, reason: 'model.cameras names none', remedy: 'name some' };

const hasNoFactors = ({ model }: ReadSettings): boolean =>
  familyOf(model)
    .experts(model)
    .every(({ lora }) => lora === undefined);

const hasNoAbsent = ({ model, data }: ReadSettings): boolean =>
  model.cameras.every((camera) => (data.cameras[camera] ?? null) !== null);

const shardsNothing = ({ mesh }: ReadSettings): boolean => {
  if (mesh === null) return true;
  const parsed = parseMesh(mesh);
  return E.isRight(parsed) && !parsed.right.axes.some(({ name }) => name === 'fsdp');
};

const fitted = {
  isIgnored: ({ model }: ReadSettings): boolean => model.kind === 'pi0-fast' && model.fast.path !== null,
  reason: 'the tokenizer of model.fast.path has its own',
  remedy: 'remove model.fast.path, to have one fitted',
};

/** Settings that others leave unread: each with when, why, and what to do to have it read. */
export const ignorableSettings: readonly IgnorableSetting[] = [
  { path: 'model.siglip', ...noCameras },
  { path: 'model.imageSize', ...noCameras },
  { path: 'data.augment', ...noCameras },
  { path: 'data.jitter', ...noCameras },
  {
    path: 'data.jitter',
    isIgnored: ({ data }) => !data.augment,
    reason: 'data.augment is false',
    remedy: 'give data.augment=true',
  },
  {
    path: 'model.absentCameras',
    isIgnored: hasNoAbsent,
    reason: 'every camera of model.cameras is given pictures',
    remedy: 'give one none by data.cameras.<camera>=null',
  },
  {
    path: 'model.lora',
    isIgnored: hasNoFactors,
    reason: 'no expert has low-rank factors',
    remedy: 'give model.paligemma.lora or model.actionExpert.lora',
  },
  { path: 'model.fast.scale', ...fitted },
  { path: 'model.fast.vocabSize', ...fitted },
  {
    path: 'model.temperature',
    isIgnored: ({ evalSamples }) => evalSamples === 1,
    reason: 'evalSamples is 1, and the first chunk is of the most likely tokens',
    remedy: 'give a larger evalSamples',
  },
  {
    path: 'numSamplingSteps',
    isIgnored: ({ model }) => familyOf(model).sequences._tag === 'Actions',
    reason: 'a policy that writes tokens takes no Euler steps',
    remedy: 'take a policy by flow matching, pi0 or pi05',
  },
  {
    path: 'frozenDtype',
    isIgnored: ({ freeze, freezeForLora }) => freeze.length === 0 && !freezeForLora,
    reason: 'no parameter is frozen',
    remedy: 'give freeze or freezeForLora',
  },
  {
    path: 'fsdpMinBytes',
    isIgnored: shardsNothing,
    reason: 'no axis fsdp of a mesh shards parameters',
    remedy: 'give one, such as --mesh fsdp=2',
  },
  {
    path: 'data.quantiles',
    isIgnored: ({ data }) => data.stats !== null,
    reason: 'the statistics are those of data.stats',
    remedy: 'remove data.stats',
  },
  {
    path: 'optimizer.nesterov',
    isIgnored: ({ optimizer }) => optimizer.kind === 'sgd' && optimizer.momentum === 0,
    reason: 'optimizer.momentum is 0',
    remedy: 'give momentum',
  },
];
