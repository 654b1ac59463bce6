import { type Dataset, type Samples, samplesOf, withJoints } from '@torsor/data';
import { dataError } from '@torsor/policy';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainingError } from '../error.js';
import { datasetId, type RunIdentity, splitHash } from '../saving/identity.js';
import { episodeId } from './episode-id.js';
import { type DataSettings, splitOf } from './training-data.js';

/** The data that a policy is judged on. */
export type JudgedData = {
  readonly heldOut: Samples;
  /** The training windows; `null` where not all of them are at hand. */
  readonly train: Samples | null;
  /** How it is known that training never saw what is judged on: by the run's own split, by every episode, or not at all. */
  readonly unseen: 'split' | 'identity' | 'unknown';
};

const samples = (dataset: Dataset, episodes: readonly number[]): E.Either<TrainingError, Samples> =>
  E.mapLeft((error: Parameters<typeof dataError>[0]): TrainingError => dataError(error))(samplesOf(dataset, episodes));

const byIdentity = (dataset: Dataset, trained: ReadonlySet<string>): E.Either<TrainingError, JudgedData> => {
  const indices = (seen: boolean): readonly number[] =>
    dataset.episodes.filter((episode) => trained.has(episodeId(episode)) === seen).map(({ index }) => index);
  const [seen, others] = [indices(true), indices(false)];
  if (others.length === 0) return E.left({ _tag: 'NothingUnseen', episodes: dataset.episodes.length });
  return pipe(
    E.Do,
    E.bind('train', () => (seen.length < trained.size ? E.right(null) : samples(dataset, seen))),
    E.bind('heldOut', () => samples(dataset, others)),
    E.map((found): JudgedData => ({ ...found, unseen: 'identity' })),
  );
};

/** Of a checkpoint that does not say what it was trained on, episode by episode. */
const bySplit = (
  dataset: Dataset,
  own: RunIdentity['dataset'],
  settings: Parameters<typeof splitOf>[1],
): E.Either<TrainingError, JudgedData> => {
  const split = splitOf(dataset, settings);
  if (datasetId(dataset) !== own.id || E.isLeft(split) || splitHash(split.right) !== own.splitHash) {
    const all = dataset.episodes.map(({ index }) => index);
    return E.map((heldOut: Samples): JudgedData => ({ train: null, heldOut, unseen: 'unknown' }))(
      samples(dataset, all),
    );
  }
  return pipe(
    E.Do,
    E.bind('train', () => samples(dataset, split.right.train)),
    E.bind('heldOut', () => samples(dataset, split.right.heldOut)),
    E.map((found): JudgedData => ({ ...found, unseen: 'split' })),
  );
};

/**
 * The episodes of a dataset that a checkpoint was never trained on, its dimensions in the order in which the policy has them.
 *
 * @param own - what the checkpoint says of the dataset that it was trained on.
 * @errors `NothingUnseen` where every episode was trained on; `Data` with `OtherJoints` for another robot's.
 */
export const judgedData = (
  dataset: Dataset,
  own: RunIdentity['dataset'],
  settings: { readonly data: Pick<DataSettings['data'], 'heldOut'>; readonly seed: number },
): E.Either<TrainingError, JudgedData> => {
  const { stateNames = dataset.stateNames, actionNames = dataset.actionNames, trained } = own;
  return pipe(
    withJoints(dataset, { stateNames, actionNames }),
    E.mapLeft((error): TrainingError => dataError(error)),
    E.flatMap((ordered) =>
      trained === undefined ? bySplit(ordered, own, settings) : byIdentity(ordered, new Set(trained)),
    ),
  );
};
