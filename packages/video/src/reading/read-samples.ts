import { type DataError, type PictureReader as ReadSamples, sampleAt } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type PlacedError, showVideoError } from '../error.js';
import type { PictureReader } from './open-pictures.js';

const asDataError =
  (camera: string) =>
  (error: DataError | PlacedError): DataError =>
    'place' in error ? { _tag: 'UnreadPicture', camera, reason: showVideoError(error) } : error;

/**
 * What a camera saw at the frames of samples of the dataset that a reader was opened for: for training and evaluation.
 *
 * @errors `UnreadPicture` with the reader's own words; `SampleOutOfRange`.
 */
export const readSamples =
  ({ read }: Pick<PictureReader, 'read'>): ReadSamples =>
  (samples, indices, camera, size) =>
    pipe(
      Array.from(indices),
      E.traverseArray((index) => sampleAt(samples, index)),
      TE.fromEither,
      TE.flatMap((found) =>
        pipe(
          read(
            camera,
            found.map(({ episode, frame }) => ({ episode: episode.index, frame })),
            size,
          ),
          TE.mapLeft(asDataError(camera)),
        ),
      ),
    );
