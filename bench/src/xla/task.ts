import type { BackendKind } from './device.js';
import { type FastName, type FlowName, isConfigName, isFast } from './sizes.js';

/** Trains and samples. */
export type TrainTask = {
  readonly kind: 'train';
  readonly config: FlowName;
  readonly backend: BackendKind;
  /** Where executables are kept; `null` for nowhere. */
  readonly compileCache: string | null;
  /** Timed steps, after the first three. */
  readonly steps: number;
  /** Timed samples, after the first. */
  readonly samples: number;
};

/** Decodes with π0-FAST. */
export type DecodeTask = {
  readonly kind: 'decode';
  readonly config: FastName;
  /** Timed answers, after the first. */
  readonly samples: number;
};

/** Compiles a step of each depth. */
export type DepthsTask = {
  readonly kind: 'depths';
  readonly depths: readonly number[];
};

/** What a subject is asked for, as JSON on its command line. */
export type Task = TrainTask | DecodeTask | DepthsTask;

const isOfKind = (kind: unknown, config: unknown): boolean =>
  typeof config === 'string' && isConfigName(config) && kind === (isFast(config) ? 'decode' : 'train');

/** Whether this is a task; written by `rounds.ts` alone, so that the tag and the name are enough. */
export const isTask = (value: unknown): value is Task =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  (value.kind === 'depths' || ('config' in value && isOfKind(value.kind, value.config)));
