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
import { splitSeed } from './streams.js';

/** Why a dataset does not fit a configuration: what `@torsor/data` refuses, or cameras that the model would not look at. */
export type TrainingDataError =
  | DataError
  | { readonly _tag: 'UnusedCameras'; readonly model: string; readonly cameras: readonly string[] }
  | { readonly _tag: 'NothingHeldOut'; readonly episodes: number }
  | { readonly _tag: 'UnitsMismatch'; readonly units: number; readonly actions: number };

/** One line: what does not fit, and what to do. */
export const showTrainingDataError = (error: TrainingDataError): string => {
  switch (error._tag) {
    case 'UnusedCameras':
      return `model ${error.model} reads no pictures, but the dataset has ${error.cameras.join(', ')}: train without them by --without-camera all`;
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
  /** A sentence for each dimension that never varies. */
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

/** Normalisation statistics of some episodes, as a configuration's model will see them. */
const statsOf = (
  dataset: Dataset,
  episodes: readonly number[],
  { model, data }: TrainConfig,
): E.Either<TrainingDataError, NormStats> =>
  computeNormStats(dataset, episodes, {
    actionHorizon: model.actionHorizon,
    ...(data.deltaActionMask === null ? {} : { deltaMask: data.deltaActionMask }),
  });

const checkCameras = (dataset: Dataset, { model }: TrainConfig): E.Either<TrainingDataError, void> =>
  dataset.cameras.length === 0
    ? E.right(undefined)
    : E.left({ _tag: 'UnusedCameras', model: model.kind, cameras: dataset.cameras });

const checkUnits = (dataset: Dataset, { data }: TrainConfig): E.Either<TrainingDataError, void> => {
  const actions = dataset.actionNames.length;
  return Array.isArray(data.units) && data.units.length !== actions
    ? E.left({ _tag: 'UnitsMismatch', units: data.units.length, actions })
    : E.right(undefined);
};

/**
 * Splits a dataset by episode and computes the statistics of the training part.
 *
 * @errors as `splitEpisodes`, `computeNormStats`, and `UnusedCameras`, `UnitsMismatch`, `NothingHeldOut`.
 */
export const prepareData = (dataset: Dataset, config: TrainConfig): E.Either<TrainingDataError, TrainingData> =>
  pipe(
    checkCameras(dataset, config),
    E.flatMap(() => checkUnits(dataset, config)),
    E.flatMap(() => splitOf(dataset, config)),
    E.bindTo('split'),
    E.bindW('train', ({ split }) => samplesOf(dataset, split.train)),
    E.bindW('heldOut', ({ split }) => samplesOf(dataset, split.heldOut)),
    E.bind('stats', ({ split }) => statsOf(dataset, split.train, config)),
    E.map((found) => {
      const names = { state: dataset.stateNames, actions: dataset.actionNames };
      const warnings = zeroVariance(found.stats, config.data.normMode, names).map(showZeroVariance);
      return { dataset, ...found, warnings };
    }),
  );
