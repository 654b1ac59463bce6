import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Dataset } from '../dataset.js';
import type { DataError, PicturePlace } from '../error.js';
import type { Samples } from '../sampling/samples.js';
import { resizeBytesWithPad, type Size } from '../transforms/resize-bytes.js';
import { pictureSize, wantedSize } from './camera.js';
import { decodePicture } from './decode.js';
import { pictureHeader } from './header.js';

/** Pictures of one camera. */
export type PictureBatch = {
  /** Bytes `[b, h, w, 3]`, RGB. */
  readonly data: Uint8Array;
  readonly height: number;
  readonly width: number;
};

/**
 * Reads what a camera saw at the frames of samples.
 *
 * @param indices - sample numbers in `[0, samples.count)`.
 * @param camera - a feature that the dataset was read with.
 * @param size - resized to it without distortion, on black; as they are without it.
 * @errors `UndecodablePicture`, and `WrongPictureSize` for one that is not as large as `meta/info.json` says, each naming
 * dataset, episode, frame and camera; `UnknownPictures`, `VideosNotDecoded`, `SampleOutOfRange`.
 * @law row i depends on sample i alone.
 */
export type PictureReader = (
  samples: Samples,
  indices: ArrayLike<number>,
  camera: string,
  size?: Size,
) => TE.TaskEither<DataError, PictureBatch>;

/** The size of a camera's pictures as they are stored and as they are wanted. */
export type PictureSizes = { readonly stored: Size; readonly wanted: Size };

/**
 * The sizes that pictures of a camera are resized between.
 *
 * @errors as `pictureSize`; `ShapeMismatch` where nothing would be left of them.
 */
export const pictureSizes = (dataset: Dataset, camera: string, size?: Size): E.Either<DataError, PictureSizes> =>
  pipe(
    pictureSize(dataset, camera),
    E.bindTo('stored'),
    E.bind('wanted', ({ stored }) => wantedSize(camera, stored, size)),
  );

/**
 * The pixels `[h, w, 3]` of an encoded picture in the wanted size.
 *
 * @errors `UndecodablePicture`, `WrongPictureSize`
 */
export const pixelsOf = (
  encoded: Uint8Array,
  { stored, wanted }: PictureSizes,
  place: PicturePlace,
): E.Either<DataError, Uint8Array> => {
  const undecodable = (cause: string): DataError => ({ _tag: 'UndecodablePicture', ...place, cause });
  return pipe(
    pictureHeader(encoded),
    E.mapLeft(undecodable),
    E.filterOrElse(
      ({ height, width }) => height === stored[0] && width === stored[1],
      ({ height, width }): DataError => ({
        _tag: 'WrongPictureSize',
        ...place,
        expected: stored,
        found: [height, width],
      }),
    ),
    E.flatMap((header) => E.mapLeft(undecodable)(decodePicture(encoded, header))),
    E.map((pixels) => resizeBytesWithPad(pixels, stored, wanted)),
  );
};

/** Pictures of one size beside one another. */
export const pictureBatch = ([height, width]: Size, pictures: readonly Uint8Array[]): PictureBatch => {
  const data = new Uint8Array(pictures.length * height * width * 3);
  for (const [row, picture] of pictures.entries()) data.set(picture, row * height * width * 3);
  return { data, height, width };
};
