import {
  type DataError,
  type Dataset,
  type EncodedPictures,
  type Episode,
  showDataError,
  type VideoPlace,
} from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { VideoFault } from '../error.js';

/** What of a dataset pictures are read of. */
export type PicturedDataset = Pick<Dataset, 'root' | 'fps' | 'features' | 'cameras' | 'episodes'>;

/** A frame of an episode; the episode by its index in the dataset. */
export type FrameOf = { readonly episode: number; readonly frame: number };

/** A frame in a file; seconds of that file. */
export type TimeInFile = { readonly file: string; readonly time: number };

/**
 * Seconds since the episode's start at which a frame was recorded.
 *
 * Times are recorded in 32 bits, of which half an hour is too long for the tolerance of a video: one that is `frame / fps` in 32
 * bits is meant to be `frame / fps`.
 */
const recordedAt = ({ timestamp }: Episode, frame: number, fps: number): number => {
  const recorded = timestamp[frame] ?? Number.NaN;
  const exact = frame / fps;
  return Math.fround(exact) === recorded ? exact : recorded;
};

const timeIn = (
  { file, from, to }: VideoPlace,
  root: string,
  recorded: number,
  interval: number,
): E.Either<VideoFault, TimeInFile> => {
  const [path, time] = [`${root}/${file}`, from + recorded];
  return to !== null && time > to + interval / 2
    ? E.left({ _tag: 'OutsideEpisode', file: path, time, from, to })
    : E.right({ file: path, time });
};

/**
 * Where a frame of an episode is in the camera's videos.
 *
 * @errors `NoVideoOfEpisode`; `OutsideEpisode` where the metadata says that the episode's part of the file ends before.
 */
export const placeInVideo = (
  { root, fps }: PicturedDataset,
  episode: Episode,
  camera: string,
  frame: number,
): E.Either<VideoFault, TimeInFile> => {
  const place = episode.videos.get(camera);
  return place === undefined
    ? E.left({ _tag: 'NoVideoOfEpisode', cameras: [...episode.videos.keys()] })
    : timeIn(place, root, recordedAt(episode, frame, fps), 1 / fps);
};

/** Reads the encoded picture of an `image` feature. */
export type ReadEncoded = (episode: Episode, camera: string, frame: number) => TE.TaskEither<VideoFault, Uint8Array>;

/** Encoded pictures of a dataset, where they lie in its files. */
export const encodedIn =
  ({ root }: PicturedDataset, read: EncodedPictures): ReadEncoded =>
  (episode, camera, frame) => {
    const rows = episode.pictures.get(camera);
    return rows === undefined
      ? TE.left({ _tag: 'UndecodableImage', cause: 'the dataset was read without its pictures' })
      : TE.mapLeft((error: DataError): VideoFault => ({ _tag: 'UndecodableImage', cause: showDataError(error) }))(
          read(root, rows, camera, frame),
        );
  };
