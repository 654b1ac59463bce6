import { encode as encodePng } from 'fast-png';
import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from '../error.js';
import { decodePicture } from '../pictures/decode.js';
import { pictureHeader } from '../pictures/header.js';
import type { WriteError } from './error.js';
import type { CameraSpec } from './spec.js';

/** What a camera saw in an episode: bytes `[l, h, w, 3]`, or `l` encoded pictures (PNG or JPEG). */
export type CameraFrames = Uint8Array | readonly Uint8Array[];

type Place = { readonly dir: string; readonly episode: number };

const isRaw = (frames: CameraFrames): frames is Uint8Array => frames instanceof Uint8Array;

const checkEncoded = (
  { dir: dataset, episode }: Place,
  { name: camera, height, width }: CameraSpec,
  frames: readonly Uint8Array[],
): DataError | undefined => {
  for (const [frame, bytes] of frames.entries()) {
    const place = { dataset, episode, frame, camera };
    const header = pictureHeader(bytes);
    if (E.isLeft(header)) return { _tag: 'UndecodablePicture', ...place, cause: header.left };
    const { height: h, width: w } = header.right;
    if (h !== height || w !== width) {
      return { _tag: 'WrongPictureSize', ...place, expected: [height, width], found: [h, w] };
    }
  }
  return undefined;
};

/** Checks the number and the size of pictures; of encoded ones by their headers. */
export const checkFrames = (
  place: Place,
  camera: CameraSpec,
  length: number,
  frames: CameraFrames,
): E.Either<WriteError, CameraFrames> => {
  const { name, height, width } = camera;
  const refuse = (expected: string, found: string): E.Either<WriteError, never> =>
    E.left({ _tag: 'InvalidEpisode', episode: place.episode, frame: null, feature: name, expected, found });
  if (isRaw(frames)) {
    const bytes = length * height * width * 3;
    return frames.length === bytes
      ? E.right(frames)
      : refuse(`${length} pictures of ${height}x${width} pixels, ${bytes} bytes`, `${frames.length} bytes`);
  }
  if (frames.length !== length) return refuse(`${length} pictures`, `${frames.length}`);
  const error = checkEncoded(place, camera, frames);
  return error === undefined ? E.right(frames) : E.left(error);
};

/** The bytes `[h, w, 3]` of one frame. */
export const pixelsOf = (
  { dir: dataset, episode }: Place,
  { name: camera, height, width }: CameraSpec,
  frames: CameraFrames,
  frame: number,
): E.Either<DataError, Uint8Array> => {
  const size = height * width * 3;
  if (isRaw(frames)) return E.right(frames.subarray(frame * size, (frame + 1) * size));
  const bytes = frames[frame] ?? new Uint8Array();
  return E.mapLeft(
    (cause: string): DataError => ({
      _tag: 'UndecodablePicture',
      dataset,
      episode,
      frame,
      camera,
      cause,
    }),
  )(E.flatMap((header: Parameters<typeof decodePicture>[1]) => decodePicture(bytes, header))(pictureHeader(bytes)));
};

/** One frame as an encoded picture: as it was given, or as PNG. */
export const encodedOf = ({ height, width }: CameraSpec, frames: CameraFrames, frame: number): Uint8Array => {
  if (!isRaw(frames)) return frames[frame] ?? new Uint8Array();
  const size = height * width * 3;
  const data = frames.subarray(frame * size, (frame + 1) * size);
  return encodePng({ width, height, data, channels: 3, depth: 8 });
};
