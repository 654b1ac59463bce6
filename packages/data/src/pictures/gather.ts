import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { DataError } from '../error.js';
import { type Sample, type Samples, sampleAt } from '../sampling/samples.js';
import { resizeBytesWithPad, type Size } from '../transforms/resize-bytes.js';
import type { PictureCache } from './cache.js';
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

/** How pictures are gathered. */
export type PictureOptions = {
  /** Resized to this size without distortion, on black; as they are without it. */
  readonly size?: Size;
  /** Keeps what is gathered. */
  readonly cache?: PictureCache;
};

type Camera = {
  readonly root: string;
  readonly name: string;
  readonly stored: Size;
  readonly wanted: Size;
  readonly cache: PictureCache | undefined;
};

const decoded = ({ root, name, stored }: Camera, { episode, frame }: Sample): E.Either<DataError, Uint8Array> => {
  const place = { dataset: root, episode: episode.index, frame, camera: name };
  const undecodable = (cause: string): DataError => ({ _tag: 'UndecodablePicture', ...place, cause });
  const bytes = episode.pictures.get(name)?.[frame];
  if (bytes === undefined) return E.left(undecodable('it was not read'));
  return pipe(
    pictureHeader(bytes),
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
    E.flatMap((header) => E.mapLeft(undecodable)(decodePicture(bytes, header))),
  );
};

const pictureOf = (camera: Camera, sample: Sample): E.Either<DataError, Uint8Array> => {
  const { name, stored, wanted, cache } = camera;
  const key = `${name}/${sample.episode.index}/${sample.frame}/${wanted.join('x')}`;
  const known = cache?.get(key);
  if (known !== undefined) return E.right(known);
  return pipe(
    decoded(camera, sample),
    E.map((pixels) => {
      const picture = resizeBytesWithPad(pixels, stored, wanted);
      cache?.put(key, picture);
      return picture;
    }),
  );
};

/**
 * What a camera saw at the frames of samples, decoded when asked for.
 *
 * @param indices - sample numbers in `[0, samples.count)`.
 * @param camera - an `image` feature that the dataset was read with.
 * @errors `UndecodablePicture`, and `WrongPictureSize` for one that is not as large as `meta/info.json` says, each naming
 * dataset, episode, frame and camera; `UnknownPictures`, `VideosNotDecoded`, `SampleOutOfRange`.
 * @law row i depends on sample i alone; a cache changes nothing but time.
 */
export const gatherImages = (
  samples: Samples,
  indices: ArrayLike<number>,
  camera: string,
  { size, cache }: PictureOptions = {},
): E.Either<DataError, PictureBatch> => {
  const sizes = pipe(
    pictureSize(samples.dataset, camera),
    E.bindTo('stored'),
    E.bind('wanted', ({ stored }) => wantedSize(camera, stored, size)),
  );
  if (E.isLeft(sizes)) return sizes;
  const { stored, wanted } = sizes.right;
  const from: Camera = { root: samples.dataset.root, name: camera, stored, wanted, cache };
  const [height, width] = wanted;
  const data = new Uint8Array(indices.length * height * width * 3);
  for (let row = 0; row < indices.length; row++) {
    const picture = pipe(
      sampleAt(samples, indices[row] ?? Number.NaN),
      E.flatMap((sample) => pictureOf(from, sample)),
    );
    if (E.isLeft(picture)) return picture;
    data.set(picture.right, row * height * width * 3);
  }
  return E.right({ data, height, width });
};
