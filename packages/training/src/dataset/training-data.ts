import {
  computeNormStats,
  type DataError,
  type Dataset,
  type EpisodeSplit,
  type Gap,
  type HeldOut,
  type NormStats,
  type Samples,
  samplesOf,
  showZeroVariance,
  splitEpisodes,
  transformFrames,
  zeroVariance,
} from '@torsor/data';
import { dataError, jointInputs, transformError } from '@torsor/policy';
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
    /** How percentiles are found; exactly where nothing is said. */
    readonly quantiles?: 'exact' | 'histogram';
    /** Whether a jump in time ends the windows before it, or is refused; it ends them where nothing is said. */
    readonly gaps?: 'cut' | 'refuse';
  };
  readonly seed: number;
};

/** What a run has already that goes on, or that was told what to normalize by. */
export type KeptData = { readonly split?: EpisodeSplit; readonly stats?: NormStats };

/** What a run trains and evaluates on. */
export type TrainingData = {
  readonly dataset: Dataset;
  readonly split: EpisodeSplit;
  readonly train: Samples;
  /** `null` where nothing is held out. */
  readonly heldOut: Samples | null;
  /** Of the training episodes alone, where they are not those of another run. */
  readonly stats: NormStats;
  /** Share of the actions in training windows that lie beyond the end of an episode and repeat its last one. */
  readonly paddedShare: number;
  /** A sentence for each dimension that never varies, and for cameras without pictures. */
  readonly warnings: readonly string[];
};

const ofData = E.mapLeft((error: DataError): TrainingError => dataError(error));

const heldOutOf = (amount: number): HeldOut => (amount < 1 ? { fraction: amount } : { count: amount });

/** Texts of the tasks that an episode's frames have. */
const tasksOf = (dataset: Dataset): ((episode: number) => readonly string[]) => {
  const episodes = new Map(dataset.episodes.map((episode) => [episode.index, episode]));
  return (index) => [...new Set(episodes.get(index)?.taskIndex)].map((task) => dataset.tasks.get(task) ?? '');
};

/** Which episodes of a dataset a run trains on, and which it never sees. */
export const splitOf = (
  dataset: Dataset,
  config: { readonly data: Pick<DataSettings['data'], 'heldOut'>; readonly seed: number },
): E.Either<TrainingError, EpisodeSplit> => {
  const episodes = dataset.episodes.map((episode) => episode.index);
  const heldOut = heldOutOf(config.data.heldOut);
  return ofData(splitEpisodes({ episodes, heldOut, seed: splitSeed(config.seed), tasksOf: tasksOf(dataset) }));
};

const shownTasks = 4;

const quoted = (tasks: readonly string[]): string =>
  tasks
    .slice(0, shownTasks)
    .map((task) => JSON.stringify(task))
    .join(', ') + (tasks.length > shownTasks ? ` and ${tasks.length - shownTasks} more` : '');

/** What a split leaves to be told: nothing held out, or tasks that are never trained on. */
const splitWarnings = (dataset: Dataset, { train, heldOut }: EpisodeSplit): readonly string[] => {
  if (heldOut.length === 0) return ['nothing is held out (data.heldOut=0): nothing will say how good the policy is'];
  const of = tasksOf(dataset);
  const trained = new Set(train.flatMap(of));
  const never = [...new Set(heldOut.flatMap(of))].filter((task) => !trained.has(task));
  return never.length === 0
    ? []
    : [
        `every episode of ${never.length === 1 ? 'the task' : 'the tasks'} ${quoted(never)} is held out: it is never trained on; record more, or lower data.heldOut`,
      ];
};

type FoundGap = Gap & { readonly episode: number };

const gapsOf = ({ episodes }: Dataset): readonly FoundGap[] =>
  episodes.flatMap(({ index, gaps }) => gaps.map((gap) => ({ ...gap, episode: index })));

const longestOf = (gaps: readonly FoundGap[]): FoundGap | undefined =>
  gaps.toSorted((a, b) => Math.abs(b.seconds) - Math.abs(a.seconds))[0];

/** Gaps in time, told, or refused where that was chosen. */
const checkGaps = (dataset: Dataset, { data }: DataSettings): E.Either<TrainingError, readonly string[]> => {
  const gaps = gapsOf(dataset);
  const longest = longestOf(gaps);
  if (longest === undefined) return E.right([]);
  const { episode, frame, seconds } = longest;
  if (data.gaps === 'refuse') return E.left({ _tag: 'GapsInTime', gaps: gaps.length, episode, frame, seconds });
  return E.right([
    `time jumps ${gaps.length === 1 ? 'once' : `${gaps.length} times`} inside episodes, farthest by ${seconds.toFixed(2)} s before frame ${frame} of episode ${episode}: windows end there (data.gaps=refuse stops instead)`,
  ]);
};

const paddedShare = ({ episodes, count }: Samples, ah: number): number => {
  let beyond = 0;
  for (const { gaps, length } of episodes) {
    const ends = [...gaps.map(({ frame }) => frame), length];
    ends.forEach((end, i) => {
      // Frame t has ah − (end − t) steps beyond the end, where that is more than none.
      const few = Math.min(ah - 1, end - (ends[i - 1] ?? 0));
      beyond += few * (ah - 1) - (few * (few - 1)) / 2;
    });
  }
  return beyond / (count * ah);
};

/** Normalization statistics of some episodes, as a configuration's model will see them. */
const statsOf = (
  dataset: Dataset,
  episodes: readonly number[],
  { model, data }: DataSettings,
): E.Either<TrainingError, NormStats> =>
  pipe(
    dataset,
    transformFrames(jointInputs(data)),
    E.mapLeft((error): TrainingError => transformError(error)),
    E.flatMap((inJoints) =>
      ofData(
        computeNormStats(inJoints, episodes, {
          actionHorizon: model.actionHorizon,
          quantiles: data.quantiles ?? 'exact',
          ...(data.deltaActionMask === null ? {} : { deltaMask: data.deltaActionMask }),
        }),
      ),
    ),
  );

/** Two arms of six joints and a gripper. */
const alohaDim = 14;

/** What is converted as ALOHA's joints must be those: another robot's would be moved by other motors. */
const checkJoints = ({ stateNames, actionNames }: Dataset, { data }: DataSettings): E.Either<TrainingError, void> => {
  const what = actionNames.length === alohaDim ? 'state' : 'action';
  const dimensions = what === 'state' ? stateNames.length : actionNames.length;
  return data.adaptToPi && dimensions !== alohaDim
    ? E.left({ _tag: 'NotAloha', what, dimensions })
    : E.right(undefined);
};

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

const checkStats = (dataset: Dataset, stats: NormStats): E.Either<TrainingError, NormStats> => {
  for (const [what, names] of [
    ['state', dataset.stateNames],
    ['actions', dataset.actionNames],
  ] as const) {
    const found = stats[what].mean.length;
    if (found !== names.length)
      return ofData(
        E.left({
          _tag: 'ShapeMismatch',
          what: `The statistics of ${what} (data.stats)`,
          expected: `of ${names.length} dimensions, as the dataset has`,
          found: String(found),
        }),
      );
  }
  return E.right(stats);
};

/** A part of the split that may be empty. */
const samplesOrNone = (dataset: Dataset, episodes: readonly number[]): E.Either<TrainingError, Samples | null> =>
  episodes.length === 0 ? E.right(null) : ofData(samplesOf(dataset, episodes));

/**
 * Splits a dataset by episode and computes the statistics of the training part.
 *
 * @param kept - a split or statistics that take the place of our own.
 * @errors as `splitEpisodes`, `computeNormStats`, `checkCameras`, and `TooManyDimensions`, `UnitsMismatch`, `GapsInTime`, `NotAloha`.
 */
export const prepareData = (
  dataset: Dataset,
  config: DataSettings,
  kept: KeptData = {},
): E.Either<TrainingError, TrainingData> =>
  pipe(
    E.Do,
    E.bind('ofCameras', (): E.Either<TrainingError, readonly string[]> => checkCameras(dataset, config)),
    E.tap((): E.Either<TrainingError, void> => checkWidths(dataset, config)),
    E.tap((): E.Either<TrainingError, void> => checkUnits(dataset, config)),
    E.bind('ofGaps', () => checkGaps(dataset, config)),
    E.tap((): E.Either<TrainingError, void> => checkJoints(dataset, config)),
    E.bind('split', () => (kept.split === undefined ? splitOf(dataset, config) : E.right(kept.split))),
    E.bind('train', ({ split }) => ofData(samplesOf(dataset, split.train))),
    E.bind('heldOut', ({ split }) => samplesOrNone(dataset, split.heldOut)),
    E.bind('stats', ({ split }) =>
      kept.stats === undefined ? statsOf(dataset, split.train, config) : checkStats(dataset, kept.stats),
    ),
    E.map(({ ofCameras, ofGaps, ...found }) => {
      const names = { state: dataset.stateNames, actions: dataset.actionNames };
      const still = zeroVariance(found.stats, config.data.normMode, names).map(showZeroVariance);
      return {
        dataset,
        ...found,
        paddedShare: paddedShare(found.train, config.model.actionHorizon),
        warnings: [...dataset.notes, ...ofGaps, ...splitWarnings(dataset, found.split), ...ofCameras, ...still],
      };
    }),
  );
