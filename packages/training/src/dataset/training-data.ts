import {
  computeNormStats,
  type DataError,
  type Dataset,
  type EpisodeSplit,
  type HeldOut,
  type NormStats,
  type Samples,
  samplesOf,
  showZeroVariance,
  splitEpisodes,
  zeroVariance,
} from '@torsor/data';
import { dataError } from '@torsor/policy';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { SpaceSettings } from '../batches/batches.js';
import { splitSeed } from '../batches/streams.js';
import type { TrainingError } from '../error.js';
import { type CameraSettings, checkCameras } from './cameras.js';

/** What a run makes of a dataset. */
export type DataSettings = CameraSettings & {
  readonly model: { readonly actionHorizon: number; readonly actionDim: number };
  readonly data: SpaceSettings & {
    /** Episodes never trained on: a fraction below 1, or a count. */
    readonly heldOut: number;
    readonly units: string | readonly string[] | null;
  };
  readonly seed: number;
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

const ofData = E.mapLeft((error: DataError): TrainingError => dataError(error));

const heldOutOf = (amount: number): HeldOut => (amount < 1 ? { fraction: amount } : { count: amount });

/** Which episodes of a dataset a run trains on, and which it never sees. */
export const splitOf = (
  dataset: Dataset,
  config: { readonly data: Pick<DataSettings['data'], 'heldOut'>; readonly seed: number },
): E.Either<TrainingError, EpisodeSplit> => {
  const episodes = dataset.episodes.map((episode) => episode.index);
  return pipe(
    splitEpisodes({ episodes, heldOut: heldOutOf(config.data.heldOut), seed: splitSeed(config.seed) }),
    ofData,
    E.filterOrElse(
      ({ heldOut }) => heldOut.length > 0,
      (): TrainingError => ({ _tag: 'NothingHeldOut', episodes: episodes.length }),
    ),
  );
};

/** Normalization statistics of some episodes, as a configuration's model will see them. */
const statsOf = (
  dataset: Dataset,
  episodes: readonly number[],
  { model, data }: DataSettings,
): E.Either<TrainingError, NormStats> =>
  ofData(
    computeNormStats(dataset, episodes, {
      actionHorizon: model.actionHorizon,
      ...(data.deltaActionMask === null ? {} : { deltaMask: data.deltaActionMask }),
    }),
  );

/** A model takes as many dimensions as it has, and pads those that are missing. */
const checkWidths = ({ stateNames, actionNames }: Dataset, { model }: DataSettings): E.Either<TrainingError, void> => {
  const wide = Math.max(stateNames.length, actionNames.length);
  const what = actionNames.length === wide ? 'action' : 'state';
  return wide > model.actionDim
    ? E.left({ _tag: 'TooManyDimensions', what, dimensions: wide, actionDim: model.actionDim })
    : E.right(undefined);
};

const checkUnits = (dataset: Dataset, { data }: DataSettings): E.Either<TrainingError, void> => {
  const actions = dataset.actionNames.length;
  return Array.isArray(data.units) && data.units.length !== actions
    ? E.left({ _tag: 'UnitsMismatch', units: data.units.length, actions })
    : E.right(undefined);
};

/**
 * Splits a dataset by episode and computes the statistics of the training part.
 *
 * @errors as `splitEpisodes`, `computeNormStats`, `checkCameras`, and `TooManyDimensions`, `UnitsMismatch`, `NothingHeldOut`.
 */
export const prepareData = (dataset: Dataset, config: DataSettings): E.Either<TrainingError, TrainingData> =>
  pipe(
    E.Do,
    E.bind('ofCameras', (): E.Either<TrainingError, readonly string[]> => checkCameras(dataset, config)),
    E.tap((): E.Either<TrainingError, void> => checkWidths(dataset, config)),
    E.tap((): E.Either<TrainingError, void> => checkUnits(dataset, config)),
    E.bind('split', (): E.Either<TrainingError, EpisodeSplit> => splitOf(dataset, config)),
    E.bind('train', ({ split }) => ofData(samplesOf(dataset, split.train))),
    E.bind('heldOut', ({ split }) => ofData(samplesOf(dataset, split.heldOut))),
    E.bind('stats', ({ split }) => statsOf(dataset, split.train, config)),
    E.map(({ ofCameras, ...found }) => {
      const names = { state: dataset.stateNames, actions: dataset.actionNames };
      const still = zeroVariance(found.stats, config.data.normMode, names).map(showZeroVariance);
      return { dataset, ...found, warnings: [...dataset.notes, ...ofCameras, ...still] };
    }),
  );
