import {
  type Dataset,
  type NormStats,
  type PictureReader,
  readDataset,
  type Samples,
  sampleDatasetPath,
  withPrompt,
} from '@torsor/data';
import { picturesOf, readStats } from '@torsor/policy';
import { type KeptData, prepareData, probeCameras, type TrainingData } from '@torsor/training';
import { openPictures, readSamples } from '@torsor/video';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { dataFailure, type Failure, runFailure, trainingFailure } from '../failure.js';
import { readKeptData } from '../run/run-files.js';

/**
 * Reads the dataset of a configuration, the embedded sample where it names none.
 *
 * @param pictures - false leaves them in their files.
 */
export const loadDataset = ({ data }: TrainConfig, pictures = true): TE.TaskEither<Failure, Dataset> =>
  pipe(
    readDataset(data.dir ?? sampleDatasetPath(), {
      columns: data.columns,
      ...(data.episodes === null ? {} : { episodes: data.episodes }),
      excludeEpisodes: data.excludeEpisodes,
      withoutCameras: data.withoutCameras,
      pictures,
    }),
    TE.bimap(dataFailure, (dataset) => (data.prompt === null ? dataset : withPrompt(dataset, data.prompt))),
  );

/** Reads and prepares the data of a run: `begun` is the folder of one that goes on. */
export const loadData = (
  config: TrainConfig,
  begun: string | null,
  images = true,
): TE.TaskEither<Failure, TrainingData> =>
  pipe(
    loadDataset(config, images),
    TE.bindTo('dataset'),
    TE.bind('kept', (): TE.TaskEither<Failure, KeptData> => {
      if (begun !== null) return TE.mapLeft(runFailure)(readKeptData(begun));
      if (config.data.stats === null) return TE.right({});
      return TE.bimap(trainingFailure, (stats: NormStats) => ({ stats }))(readStats(config.data.stats));
    }),
    TE.flatMapEither(({ dataset, kept }) => E.mapLeft(trainingFailure)(prepareData(dataset, config, kept))),
  );

/** Decoded pictures that a run keeps: some 1,700 of openpi's size. */
const cachedBytes = 256 * 2 ** 20;

/** Reads what the cameras of a dataset saw, decoded in threads, and looks whether they can be read at all. */
export const readerOf = (config: TrainConfig, samples: Samples): TE.TaskEither<Failure, PictureReader> => {
  const read = readSamples(openPictures(samples.dataset, { cacheBytes: cachedBytes }));
  return pipe(
    probeCameras(read, picturesOf(config), samples),
    TE.bimap(dataFailure, () => read),
  );
};
