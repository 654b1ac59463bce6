import { dirname, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { showDataError } from '../error.js';
import { type CheckedEpisode, checkEpisode, type NewEpisode } from '../writing/episode.js';
import type { WriteError } from '../writing/error.js';
import { pixelsOf } from '../writing/frames.js';
import type { VideoCoding } from '../writing/info.js';
import { pathOf } from '../writing/place.js';
import { type LaidOut, layOut, nextEpisode, type Recording, videoPlaces, withEpisode } from '../writing/recording.js';
import type { CameraSpec } from '../writing/spec.js';
import { type Disk, inOrder, removeFile, waitingFile, writeWhole } from './recording-files.js';

/** What encodes the videos of a dataset, and how it does. */
export type VideoEncoder = VideoCoding & {
  /**
   * Writes a video of frames of bytes `[h, w, 3]`, RGB, of which frame i is shown at `i / fps` seconds. Its directory is there.
   *
   * @param frames - a frame may be overwritten once the next is asked for; asking fails where a picture cannot be decoded.
   * @returns how many frames were written; the left says why none were.
   */
  readonly encode: (
    file: string,
    frames: Iterable<Uint8Array>,
    settings: { readonly width: number; readonly height: number; readonly fps: number },
  ) => TE.TaskEither<string, number>;
};

const framesOf = function* (dir: string, camera: CameraSpec, episode: CheckedEpisode): Generator<Uint8Array> {
  const place = { dir, episode: episode.index };
  for (let frame = 0; frame < episode.length; frame++) {
    const pixels = pixelsOf(place, camera, episode.cameras.get(camera.name) ?? [], frame);
    if (E.isLeft(pixels)) throw new Error(showDataError(pixels.left));
    yield pixels.right;
  }
};

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** An injected effect that may throw or reject where it should answer. */
const answering =
  <A>(run: () => TE.TaskEither<string, A>): TE.TaskEither<string, A> =>
  () =>
    Promise.resolve()
      .then(() => run()())
      .catch((thrown: unknown) => E.left(messageOf(thrown)));

const encodeVideo = (
  { fs, dir }: Disk,
  { layout, videoPath }: Recording,
  encoder: VideoEncoder,
  camera: CameraSpec,
  episode: CheckedEpisode,
  place: { readonly chunk: number; readonly file: number },
): TE.TaskEither<WriteError, void> => {
  const file = pathOf(videoPath, place, camera.name);
  const path = join(dir, file);
  const { width, height } = camera;
  const refuse = (cause: string): WriteError => ({
    _tag: 'VideoNotEncoded',
    episode: episode.index,
    camera: camera.name,
    cause,
  });
  return inOrder([
    fs.makeDirectory(dirname(path)),
    // What an interruption left there.
    removeFile({ fs, dir }, file),
    pipe(
      answering(() => encoder.encode(path, framesOf(dir, camera, episode), { width, height, fps: layout.fps })),
      TE.mapLeft(refuse),
      TE.filterOrElse(
        (frames) => frames === episode.length,
        (frames) => refuse(`${frames} frames were written of ${episode.length}`),
      ),
    ),
    fs.sync(path),
    fs.sync(dirname(path)),
  ]);
};

const encodeVideos = (
  disk: Disk,
  recording: Recording,
  encoder: VideoEncoder | undefined,
  episode: CheckedEpisode,
): TE.TaskEither<WriteError, void> => {
  const places = videoPlaces(recording);
  return inOrder(
    recording.layout.cameras.flatMap((camera) => {
      const place = places.get(camera.name);
      return place === undefined || encoder === undefined
        ? []
        : [encodeVideo(disk, recording, encoder, camera, episode, place)];
    }),
  );
};

/**
 * Checks an episode, lays it out and encodes its videos. Nothing of it is the dataset's before `putEpisode`.
 *
 * @errors those of `checkEpisode`; `VideoNotEncoded`; `CannotWrite`.
 */
export const prepareEpisode = (
  disk: Disk,
  encoder: VideoEncoder | undefined,
  recording: Recording,
  given: NewEpisode,
): TE.TaskEither<WriteError, LaidOut> =>
  pipe(
    TE.fromEither(checkEpisode(recording.layout, { dir: recording.dir, episode: nextEpisode(recording) }, given)),
    TE.bindTo('episode'),
    TE.bindW('laid', ({ episode }) => TE.fromEither(layOut(recording, episode))),
    TE.tap(({ episode }) => encodeVideos(disk, recording, encoder, episode)),
    TE.map(({ laid }) => laid),
  );

/** Puts an episode on the disk, whole or not at all: one file of its rows and of what the metadata will say. */
export const putEpisode = (
  disk: Disk,
  recording: Recording,
  { record, bytes }: LaidOut,
): TE.TaskEither<WriteError, Recording> =>
  pipe(
    writeWhole(disk, waitingFile(record.index), bytes),
    TE.map(() => withEpisode(recording, { record, bytes: bytes.length })),
  );
