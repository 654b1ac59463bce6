import * as E from 'fp-ts/lib/Either.js';
import type { Dataset } from '../dataset.js';
import type { DataError } from '../error.js';
import { type Size, sizeInside } from '../transforms/resize-bytes.js';

/** Height and width of a feature of shape `[h, w, 3]` or `[3, h, w]`; LeRobot writes both. */
const sizeOf = ([a = 0, b = 0, c = 0]: readonly number[]): Size | undefined => {
  if (c === 3) return [a, b];
  return a === 3 ? [b, c] : undefined;
};

/**
 * The size of a camera's pictures, whether images or a video.
 *
 * @errors `UnknownPictures` for what is no camera that was read, `InvalidField` for a shape that no picture has.
 */
export const cameraSize = (
  { cameras, features }: Pick<Dataset, 'cameras' | 'features'>,
  camera: string,
): E.Either<DataError, Size> => {
  const feature = features.get(camera);
  if (feature === undefined || !cameras.includes(camera)) return E.left({ _tag: 'UnknownPictures', camera, cameras });
  const size = feature.shape.length === 3 ? sizeOf(feature.shape) : undefined;
  if (size !== undefined && size[0] > 0 && size[1] > 0) return E.right(size);
  return E.left({
    _tag: 'InvalidField',
    file: 'meta/info.json',
    field: `features.${camera}.shape`,
    expected: 'height, width and 3 channels',
    found: JSON.stringify(feature.shape),
  });
};

/**
 * The size of a camera's pictures, which lie in the dataset as `image` features.
 *
 * @errors those of `cameraSize`; `VideosNotDecoded` for a camera whose pictures are in videos.
 */
export const pictureSize = (dataset: Dataset, camera: string): E.Either<DataError, Size> => {
  const { cameras, features, info } = dataset;
  if (cameras.includes(camera) && features.get(camera)?.dtype === 'video') {
    const files = info.videoPath === null ? [] : [info.videoPath.replaceAll('{video_key}', camera)];
    return E.left({ _tag: 'VideosNotDecoded', camera, files });
  }
  return cameraSize(dataset, camera);
};

/**
 * The size that pictures of a camera are resized to: as they are where none is asked for.
 *
 * @errors `ShapeMismatch` where nothing of a picture would be left.
 */
export const wantedSize = (camera: string, stored: Size, wanted: Size = stored): E.Either<DataError, Size> => {
  const [height, width] = sizeInside(stored, wanted);
  return height >= 1 && width >= 1
    ? E.right(wanted)
    : E.left({
        _tag: 'ShapeMismatch',
        what: `${camera} resized to ${wanted.join('x')}`,
        expected: 'a pixel wide and high, or more',
        found: `nothing of ${stored.join('x')}`,
      });
};
