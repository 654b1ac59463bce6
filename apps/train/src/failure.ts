import { type CheckpointError, showCheckpointError } from '@torsor/checkpoint';
import { type DataError, showDataError } from '@torsor/data';
import type { DoesNotFit } from '@torsor/planning';
import { type ScheduleError, showScheduleError } from '@torsor/schedules';
import { type SettingsError, showSettingsError } from '@torsor/settings';
import { showShardingError } from '@torsor/sharding';
import { type PlanError, showTrainingError, type TrainingError } from '@torsor/training';
import type { Exit } from './cli/exit-codes.js';
import { showDoesNotFit } from './commands/savings.js';
import { type RunError, showRunError } from './run/error.js';

/** Why a command ends without its result: what the process exits with, and what is told, a line each. */
export type Failure = { readonly exit: Exit; readonly messages: readonly string[] };

/** Refused configuration: every error. */
export const configFailure = (errors: readonly SettingsError[]): Failure => ({
  exit: 'usage',
  messages: errors.map(showSettingsError),
});

/** A run folder that cannot be used. */
export const runFailure = (error: RunError): Failure => ({ exit: 'checkpoint', messages: [showRunError(error)] });

/** A checkpoint that is damaged, missing or of another model, or cannot be written. */
export const checkpointFailure = (error: CheckpointError): Failure => ({
  exit: 'checkpoint',
  messages: [showCheckpointError(error)],
});

const without = (cameras: readonly string[]): readonly string[] => [
  `train without: ${cameras.map((camera) => `--without-camera ${camera}`).join(' ')}`,
];

/** The flags that help against an error of a dataset. */
const dataAdvice = (error: DataError): readonly string[] => {
  if (error._tag === 'MissingVideos') return without(error.cameras);
  return error._tag === 'VideosNotDecoded' || error._tag === 'UnreadPicture' ? without([error.camera]) : [];
};

/** A dataset that cannot be read. */
export const dataFailure = (error: DataError): Failure => ({
  exit: 'data',
  messages: [showDataError(error), ...dataAdvice(error)],
});

/** A schedule that cannot be. */
export const scheduleFailure = (error: ScheduleError): Failure => ({
  exit: 'usage',
  messages: [`lrSchedule: ${showScheduleError(error)}`],
});

/** What the process exits with, by the kind of error: usage is what a command line or a file can mend. */
const exits: { readonly [Tag in TrainingError['_tag']]: Exit } = {
  Program: 'failed',
  Backend: 'backend',
  Checkpoint: 'checkpoint',
  Data: 'data',
  Tokenizer: 'data',
  Transform: 'data',
  Model: 'usage',
  NoDType: 'backend',
  TooFewRows: 'usage',
  NotReadable: 'checkpoint',
  BadSettings: 'checkpoint',
  NotExported: 'usage',
  BadObservation: 'data',
  Defect: 'failed',
  UnusedCameras: 'data',
  SpareCameras: 'data',
  UnmappedCameras: 'data',
  Optim: 'usage',
  Evaluation: 'failed',
  Metrics: 'failed',
  NothingUnseen: 'data',
  GapsInTime: 'data',
  TooManyDimensions: 'usage',
  NotAloha: 'data',
  UnitsMismatch: 'data',
  NotRecorded: 'checkpoint',
  SequencesTooLong: 'data',
  OtherWeights: 'checkpoint',
  NonFinite: 'failed',
};

const setCamera = (camera: string, feature: string | null): string =>
  `--set data.cameras.${camera}=${feature ?? 'null'}`;

/** What is told, with the flags that settle it. */
const words = (error: TrainingError): readonly string[] => {
  const [said = '', ...more] = showTrainingError(error);
  switch (error._tag) {
    case 'Data':
      return [said, ...dataAdvice(error.error)];
    case 'UnusedCameras':
      return [
        `model ${error.model} reads no pictures, but the dataset has ${error.cameras.join(', ')}: train without them by --without-camera all`,
      ];
    case 'SpareCameras': {
      const flags = error.cameras.map((camera) => `--without-camera ${camera}`).join(' ');
      const [spare = ''] = error.cameras;
      const [free] = error.free;
      const shown = free === undefined ? '' : `, or show it to the model: ${setCamera(free, spare)}`;
      return [
        `no camera of the model sees ${error.cameras.join(', ')} of the dataset: train without by ${flags}${shown}`,
      ];
    }
    case 'UnmappedCameras': {
      const settings = error.cameras.map(({ camera, nearest }) => setCamera(camera, nearest)).join(' ');
      return [
        `data.cameras does not say what ${error.cameras.map(({ camera }) => camera).join(', ')} of the model sees; the dataset has ${error.pictures.join(', ')}. For example ${settings}, where null is a camera that is absent`,
      ];
    }
    case 'NoDType':
      return [
        `backend ${error.backend} has no ${error.dtype}, in which frozen parameters are kept: give --set frozenDtype=f32, or another backend`,
      ];
    case 'TooManyDimensions':
      return [`${said}: give --set model.actionDim=${error.dimensions}`];
    case 'SequencesTooLong':
      return [`${said}: give --set model.maxTokenLen=${error.longest}`];
    case 'OtherWeights':
      return error.reasons.map((reason) => `init.from ${error.path}: ${reason}`);
    case 'NonFinite':
      return [
        said,
        ...more,
        'lower lrSchedule.peakLr or clip gradients (optimizer.clipGradientNorm), then --resume from the last checkpoint',
      ];
    default:
      return [said, ...more];
  }
};

/** A run that cannot begin, or does not go on: what it exits with, and what to do. */
export const trainingFailure = (error: TrainingError): Failure => ({
  exit: exits[error._tag],
  messages: words(error),
});

/** A configuration that gives no plan, or one that does not fit in memory. */
export const planFailure = (error: PlanError | DoesNotFit): Failure => {
  switch (error._tag) {
    case 'DoesNotFit':
      return { exit: 'usage', messages: [showDoesNotFit(error)] };
    case 'Sharding':
      return { exit: 'usage', messages: [showShardingError(error.error)] };
    case 'Training':
      return trainingFailure(error.error);
  }
};
