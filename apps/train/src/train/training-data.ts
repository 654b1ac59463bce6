import {
  computeNormStats,
  type DataError,
  type Dataset,
  type EpisodeSplit,
  type HeldOut,
  type NormStats,
  type Samples,
  samplesOf,
  showDataError,
  showZeroVariance,
  splitEpisodes,
  zeroVariance,
} from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainConfig } from '../config/schema.js';
import { type CameraError, checkCameras, showCameraError } from './cameras.js';
import { splitSeed } from './streams.js';

/** Why a dataset does not fit a configuration: what `@torsor/data` refuses, or cameras that do not meet. */
export type TrainingDataError =
  | DataError
  | CameraError
  | { readonly _tag: 'NothingHeldOut'; readonly episodes: number }
  | { readonly _tag: 'UnitsMismatch'; readonly units: number; readonly actions: number };

/** One line: what does not fit, and what to do. */
export const showTrainingDataError = (error: TrainingDataError): string => {
  switch (error._tag) {
    case 'UnusedCameras':
    case 'SpareCameras':
    case 'UnmappedCameras':
      return showCameraError(error);
    case 'UnitsMismatch':
      return `data.units has ${error.units} entries for ${error.actions} action dimensions: give one for each, or one for all`;
    case 'NothingHeldOut':
      return `data.heldOut leaves no episode of ${error.episodes} to evaluate on: hold out at least 1`;
    default:
      return showDataError(error);
  }
};

/** What a run trains and evaluates on. */
export type TrainingData = {
  readonly dataset: Dataset;
  readonly split: EpisodeSplit;
  readonly train: Samples;
  readonly heldOut: Samples;
  /** Of the training episodes alone. */
  readonly stats: NormStats;
  /** A sentence for each dimension that never varies, and for cameras without pictures. */
  readonly warnings: readonly string[];
};

const heldOutOf = (amount: number): HeldOut => (amount < 1 ? { fraction: amount } : { count: amount });

/** Which episodes of a dataset a run trains on, and which it never sees. */
export const splitOf = (dataset: Dataset, config: TrainConfig): E.Either<TrainingDataError, EpisodeSplit> => {
  const episodes = dataset.episodes.map((episode) => episode.index);
  return pipe(
    splitEpisodes({ episodes, heldOut: heldOutOf(config.data.heldOut), seed: splitSeed(config.seed) }),
    E.filterOrElseW(
      ({ heldOut }) => heldOut.length > 0,
      (): TrainingDataError => ({ _tag: 'NothingHeldOut', episodes: episodes.length }),
    ),
  );
};

/** Normalization statistics of some episodes, as a configuration's model will see them. */
const statsOf = (
  dataset: Dataset,
  episodes: readonly number[],
  { model, data }: TrainConfig,
): E.Either<TrainingDataError, NormStats> =>
  computeNormStats(dataset, episodes, {
    actionHorizon: model.actionHorizon,
    ...(data.deltaActionMask === null ? {} : { deltaMask: data.deltaActionMask }),
  });

const checkUnits = (dataset: Dataset, { data }: TrainConfig): E.Either<TrainingDataError, void> => {
  const actions = dataset.actionNames.length;
  return Array.isArray(data.units) && data.units.length !== actions
    ? E.left({ _tag: 'UnitsMismatch', units: data.units.length, actions })
    : E.right(undefined);
};

/**
 * Splits a dataset by episode and computes the statistics of the training part.
 *
 * @errors as `splitEpisodes`, `computeNormStats`, `checkCameras`, and `UnitsMismatch`, `NothingHeldOut`.
 */
export const prepareData = (dataset: Dataset, config: TrainConfig): E.Either<TrainingDataError, TrainingData> =>
  pipe(
    E.Do,
    E.bind('ofCameras', (): E.Either<TrainingDataError, readonly string[]> => checkCameras(dataset, config)),
    E.tap(() => checkUnits(dataset, config)),
    E.bind('split', () => splitOf(dataset, config)),
    E.bindW('train', ({ split }) => samplesOf(dataset, split.train)),
    E.bindW('heldOut', ({ split }) => samplesOf(dataset, split.heldOut)),
    E.bind('stats', ({ split }) => statsOf(dataset, split.train, config)),
    E.map(({ ofCameras, ...found }) => {
      const names = { state: dataset.stateNames, actions: dataset.actionNames };
      const still = zeroVariance(found.stats, config.data.normMode, names).map(showZeroVariance);
      return { dataset, ...found, warnings: [...ofCameras, ...still] };
    }),
  );
