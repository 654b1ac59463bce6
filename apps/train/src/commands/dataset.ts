import { type Dataset, readDataset, sampleDatasetPath } from '@torsor/data';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { showTrainingDataError, type TrainingDataError } from '../train/trainingData.js';
import type { Failure } from './failure.js';

/** A dataset that cannot be read or does not fit. */
export const dataFailure = (error: TrainingDataError): Failure => ({
  exit: 'data',
  messages: [showTrainingDataError(error)],
});

/** Reads the dataset of a configuration, the embedded sample where it names none. */
export const loadDataset = ({ data }: TrainConfig): TE.TaskEither<Failure, Dataset> =>
  pipe(readDataset(data.dir ?? sampleDatasetPath(), { withoutCameras: data.withoutCameras }), TE.mapLeft(dataFailure));
