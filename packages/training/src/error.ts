import { type EvaluationError, showEvaluationError } from '@torsor/evaluation';
import { type MetricsError, showMetricsError } from '@torsor/metrics';
import { type OptimError, showOptimError } from '@torsor/optim';
import { type PolicyError, showPolicyError } from '@torsor/policy';
import { type CameraError, showCameraError } from './dataset/cameras.js';

/** Why a run cannot begin, or does not go on. */
export type TrainingError =
  | PolicyError
  | CameraError
  | { readonly _tag: 'Optim'; readonly error: OptimError }
  | { readonly _tag: 'Evaluation'; readonly error: EvaluationError }
  | { readonly _tag: 'Metrics'; readonly error: MetricsError }
  | { readonly _tag: 'NothingUnseen'; readonly episodes: number }
  | {
      readonly _tag: 'GapsInTime';
      readonly gaps: number;
      /** The longest: before this frame. */
      readonly episode: number;
      readonly frame: number;
      readonly seconds: number;
    }
  | {
      readonly _tag: 'TooManyDimensions';
      readonly what: 'state' | 'action';
      readonly dimensions: number;
      readonly actionDim: number;
    }
  | { readonly _tag: 'NotAloha'; readonly what: 'state' | 'action'; readonly dimensions: number }
  | { readonly _tag: 'UnitsMismatch'; readonly units: number; readonly actions: number }
  /** A line of metrics that could not be written down. */
  | { readonly _tag: 'NotRecorded'; readonly reason: string }
  /** Sequences that the model has no room for, more than the settings let be cut. */
  | {
      readonly _tag: 'SequencesTooLong';
      readonly windows: number;
      readonly tooLong: number;
      /** Tokens of the longest. */
      readonly longest: number;
      readonly maxTokenLen: number;
      readonly maxTruncatedShare: number;
      readonly firstTask: string | null;
    }
  /** Stored weights that are not those of the model: every disagreement. */
  | { readonly _tag: 'OtherWeights'; readonly path: string; readonly reasons: readonly string[] }
  /** An update whose loss, gradient or parameters are not numbers: nothing after it can be trusted. */
  | {
      readonly _tag: 'NonFinite';
      readonly step: number;
      readonly what: string;
      readonly value: number;
      /** The samples of its batch, as `episode:frame` or as the data source names them. */
      readonly samples: readonly string[];
    };

const shownSamples = 4;

const listed = (names: readonly string[]): string =>
  names.slice(0, shownSamples).join(', ') +
  (names.length > shownSamples ? ` and ${names.length - shownSamples} more` : '');

/** What went wrong, a line each. */
export const showTrainingError = (error: TrainingError): readonly string[] => {
  switch (error._tag) {
    case 'UnusedCameras':
    case 'SpareCameras':
    case 'UnmappedCameras':
      return [showCameraError(error)];
    case 'Optim':
      return [showOptimError(error.error)];
    case 'Evaluation':
      return [`a defect of this program: ${showEvaluationError(error.error)}`];
    case 'Metrics':
      return [showMetricsError(error.error)];
    case 'GapsInTime':
      return [
        `time jumps ${error.gaps} times inside episodes, farthest by ${error.seconds.toFixed(2)} s before frame ${error.frame} of episode ${error.episode}: leave the episode out by data.excludeEpisodes, or let windows end there by data.gaps=cut`,
      ];
    case 'NothingUnseen':
      return [
        `all ${error.episodes} episodes of the dataset were trained on: an error on them says nothing; record others, or train with data.heldOut`,
      ];
    case 'TooManyDimensions':
      return [
        `the dataset has ${error.dimensions} ${error.what} dimensions, more than model.actionDim = ${error.actionDim}`,
      ];
    case 'NotAloha':
      return [
        `data.adaptToPi converts ALOHA's 14 ${error.what} dimensions, the dataset has ${error.dimensions}: give data.adaptToPi=false`,
      ];
    case 'UnitsMismatch':
      return [
        `data.units has ${error.units} entries for ${error.actions} action dimensions: give one for each, or one for all`,
      ];
    case 'NotRecorded':
      return [error.reason];
    case 'SequencesTooLong':
      return [
        `${error.tooLong} of ${error.windows} windows have sequences longer than model.maxTokenLen = ${error.maxTokenLen}, the longest of ${error.longest} tokens (first: task ${JSON.stringify(error.firstTask)}), and data.maxTruncatedShare is ${error.maxTruncatedShare}: raise the one or the other`,
      ];
    case 'OtherWeights':
      return error.reasons.map((reason) => `${error.path}: ${reason}`);
    case 'NonFinite':
      return [
        `update ${error.step}: ${error.what} is ${error.value}; nothing of it was saved`,
        ...(error.samples.length === 0 ? [] : [`its samples (episode:frame): ${listed(error.samples)}`]),
      ];
    default:
      return [showPolicyError(error)];
  }
};
