import { type Dataset, type PictureReader, pictureReader, readDataset, sampleDatasetPath } from '@torsor/data';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { dataFailure, type Failure } from '../failure.js';

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
    TE.mapLeft(dataFailure),
  );

/** Decoded pictures that a run keeps: some 1,700 of openpi's size. */
const cachedBytes = 256 * 2 ** 20;

/** Reads what the cameras of datasets saw. */
export const pictures = (): PictureReader => pictureReader(cachedBytes);
