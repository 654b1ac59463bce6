import { type Dataset, samplesOf } from '@torsor/data';
import { dataError } from '@torsor/policy';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainingError } from '../error.js';
import { datasetId, type RunIdentity, splitHash } from '../saving/identity.js';
import { type DataSettings, splitOf, type TrainingData } from './training-data.js';

/** The data that a policy is judged on: `train` is `null` where the training windows are not at hand. */
export type JudgedData = Pick<TrainingData, 'heldOut'> & { readonly train: TrainingData['train'] | null };

/**
 * The held-out episodes of a checkpoint's own dataset; every episode of another, which training never saw.
 *
 * @param own - what the checkpoint says of the dataset that it was trained on.
 * @returns `train` is `null` for another dataset.
 */
export const judgedData = (
  dataset: Dataset,
  own: RunIdentity['dataset'],
  settings: { readonly data: Pick<DataSettings['data'], 'heldOut'>; readonly seed: number },
): E.Either<TrainingError, JudgedData> => {
  const split = splitOf(dataset, settings);
  if (datasetId(dataset) !== own.id || E.isLeft(split) || splitHash(split.right) !== own.splitHash) {
    return E.bimap(dataError, (heldOut: JudgedData['heldOut']) => ({ train: null, heldOut }))(samplesOf(dataset));
  }
  return pipe(
    E.Do,
    E.bind('train', () => samplesOf(dataset, split.right.train)),
    E.bind('heldOut', () => samplesOf(dataset, split.right.heldOut)),
    E.mapLeft(dataError),
  );
};
