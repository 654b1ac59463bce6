import type { Json } from '@torsor/checkpoint';
import type { NormalizationMode, NormStats } from '@torsor/data';
import type { ModelSettings } from '../families/families.js';
import type { LerobotModel } from '../families/lerobot.js';

/** A policy to be written for LeRobot. */
export type Exported = {
  readonly lerobot: LerobotModel;
  readonly model: ModelSettings;
  readonly data: {
    readonly normMode: NormalizationMode;
    readonly deltaActionMask: readonly boolean[] | null;
    readonly cameras: { readonly [camera: string]: string | null };
  };
  readonly stats: NormStats;
  /** What the weights are stored in. */
  readonly dtype: 'float32' | 'bfloat16';
};

/** A feature as LeRobot describes it. */
export type LerobotFeature = { readonly type: 'STATE' | 'VISUAL' | 'ACTION'; readonly shape: readonly number[] };

type Features = { readonly [key: string]: LerobotFeature };

/**
 * What the policy reads. A camera that was absent is left out: masked tokens change nothing.
 */
export const inputFeatures = ({ model, data, stats }: Exported): Features => {
  const shape = [3, ...model.imageSize];
  const seen = model.cameras.flatMap((camera) => {
    const feature = data.cameras[camera];
    return feature === null ? [] : [[feature ?? `observation.images.${camera}`, { type: 'VISUAL', shape }] as const];
  });
  return { 'observation.state': { type: 'STATE', shape: [stats.state.mean.length] }, ...Object.fromEntries(seen) };
};

/** What the policy makes. */
export const outputFeatures = ({ stats }: Exported): Features => ({
  action: { type: 'ACTION', shape: [stats.actions.mean.length] },
});

/** How each kind of feature is normalized. */
export const normalizationMapping = ({ data }: Exported): { readonly [kind: string]: Json } => {
  const mode = data.normMode === 'quantile' ? 'QUANTILES' : 'MEAN_STD';
  return { VISUAL: 'IDENTITY', STATE: mode, ACTION: mode };
};

/** Which actions are relative to the state, as LeRobot says it: by names that do not contain one another. */
export type RelativeActions = {
  readonly enabled: boolean;
  readonly exclude: readonly string[];
  readonly names: readonly string[] | null;
};

/** Dimensions beyond the mask are absolute. */
export const relativeActions = ({ data, stats }: Exported): RelativeActions => {
  const mask = data.deltaActionMask ?? [];
  if (!mask.includes(true)) return { enabled: false, exclude: [], names: null };
  const count = stats.actions.mean.length;
  const names = Array.from({ length: count }, (_, i) => `action_${String(i).padStart(String(count).length, '0')}`);
  return { enabled: true, exclude: names.filter((_, i) => mask[i] !== true), names };
};
