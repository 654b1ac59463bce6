import { type BackendError, showBackendError } from '@torsor/backend';
import { type CheckpointError, showCheckpointError } from '@torsor/checkpoint';
import { showTransformError, type TransformError } from '@torsor/data';
import { type ModelError, showModelError } from '@torsor/models';
import { showOptimError } from '@torsor/optim';
import { showShardingError } from '@torsor/sharding';
import { showShapeError } from '@torsor/tensor';
import { showTokenizerError, type TokenizerError } from '@torsor/tokenizer';
import type { Exit } from './cli/exit-codes.js';
import { type ConfigError, showConfigError } from './config/error.js';
import { type DoesNotFit, showDoesNotFit } from './plan/fit.js';
import type { PlanError } from './plan/planned.js';
import { type RunError, showRunError } from './run/error.js';
import type { SessionError } from './train/compiled.js';
import { showTrainingDataError, type TrainingDataError } from './train/training-data.js';

/** Why a command ends without its result: what the process exits with, and what is told, a line each. */
export type Failure = { readonly exit: Exit; readonly messages: readonly string[] };

/** Refused configuration: every error. */
export const configFailure = (errors: readonly ConfigError[]): Failure => ({
  exit: 'usage',
  messages: errors.map(showConfigError),
});

/** A run folder that cannot be used. */
export const runFailure = (error: RunError): Failure => ({ exit: 'checkpoint', messages: [showRunError(error)] });

/** A backend that cannot do what is asked. */
export const backendFailure = (error: BackendError): Failure => ({
  exit: 'backend',
  messages: [showBackendError(error)],
});

/** A checkpoint that is damaged, missing or of another model, or cannot be written. */
export const checkpointFailure = (error: CheckpointError): Failure => ({
  exit: 'checkpoint',
  messages: [showCheckpointError(error)],
});

const without = (cameras: readonly string[]): readonly string[] => [
  `train without: ${cameras.map((camera) => `--without-camera ${camera}`).join(' ')}`,
];

/** The flags that help against an error of a dataset. */
const dataAdvice = (error: TrainingDataError): readonly string[] => {
  if (error._tag === 'MissingVideos') return without(error.cameras);
  return error._tag === 'VideosNotDecoded' ? without([error.camera]) : [];
};

/** A dataset that cannot be read or does not fit. */
export const dataFailure = (error: TrainingDataError): Failure => ({
  exit: 'data',
  messages: [showTrainingDataError(error), ...dataAdvice(error)],
});

/** Samples that cannot be brought to a model, or what it sampled to a robot. */
export const transformFailure = (error: TransformError): Failure => {
  switch (error._tag) {
    case 'Refused':
      return dataFailure(error.error);
    case 'TokenizerRefused':
      return { exit: 'data', messages: [error.reason] };
    default:
      return { exit: 'data', messages: [showTransformError(error)] };
  }
};

/** A task that the tokenizer refuses. */
export const tokenizerFailure = (error: TokenizerError): Failure => ({
  exit: 'data',
  messages: [showTokenizerError(error)],
});

/** A model that cannot be built: every error. */
export const modelFailure = (errors: readonly ModelError[]): Failure => ({
  exit: 'usage',
  messages: errors.map(showModelError),
});

/** Programs that a configuration does not give. */
export const sessionFailure = (error: SessionError): Failure => {
  switch (error._tag) {
    case 'Program':
      return { exit: 'failed', messages: [showShapeError(error.error)] };
    case 'Optim':
      return { exit: 'usage', messages: [showOptimError(error.error)] };
    case 'NoDType':
      return {
        exit: 'backend',
        messages: [
          `backend ${error.backend} has no ${error.dtype}, in which frozen parameters are kept: give --set frozenDtype=f32, or another backend`,
        ],
      };
    case 'Backend':
      return backendFailure(error.error);
  }
};

/** A defect of the program, not of what it was given. */
export const defect = (message: string): Failure => ({ exit: 'failed', messages: [message] });

/** A configuration that gives no plan, or one that does not fit in memory. */
export const planFailure = (error: PlanError | DoesNotFit): Failure => {
  switch (error._tag) {
    case 'DoesNotFit':
      return { exit: 'usage', messages: [showDoesNotFit(error)] };
    case 'Model':
      return modelFailure(error.errors);
    case 'Sharding':
      return { exit: 'usage', messages: [showShardingError(error.error)] };
    case 'Optim':
      return { exit: 'usage', messages: [showOptimError(error.error)] };
    case 'Program':
      return { exit: 'failed', messages: [showShapeError(error.error)] };
  }
};
