import type { BackendKind } from './device.js';
import { type ConfigName, isConfigName } from './sizes.js';

/** Trains and samples. */
export interface TrainTask {
  readonly kind: 'train';
  readonly config: ConfigName;
  readonly backend: BackendKind;
  /** Where executables are kept; `null` for nowhere. */
  readonly compileCache: string | null;
  /** Timed steps, after the first three. */
  readonly steps: number;
  /** Timed samples, after the first. */
  readonly samples: number;
}

/** Compiles a step of each depth. */
export interface DepthsTask {
  readonly kind: 'depths';
  readonly depths: readonly number[];
}

/** What a subject is asked for, as JSON on its command line. */
export type Task = TrainTask | DepthsTask;

/** Whether this is a task; written by `rounds.ts` alone, so that the tag and the name are enough. */
export const isTask = (value: unknown): value is Task =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  (value.kind === 'depths' ||
    (value.kind === 'train' && 'config' in value && typeof value.config === 'string' && isConfigName(value.config)));
