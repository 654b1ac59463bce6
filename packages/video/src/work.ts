import { decodePicture, pictureHeader, resizeBytesWithPad, type Size } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { VideoFault } from './error.js';
import type { Job, Picture, Pictures, Sizes } from './jobs.js';
import type { OpenVideo } from './native/video.js';

type Of<Kind extends Job['kind']> = Extract<Job, { readonly kind: Kind }>;

const isOther = (expected: Size | null, { height, width }: Omit<Picture, 'data'>): expected is Size =>
  expected !== null && (expected[0] !== height || expected[1] !== width);

const resized =
  (wanted: Size | null) =>
  (picture: Picture): Picture => {
    if (wanted === null) return picture;
    const [height, width] = wanted;
    return { data: resizeBytesWithPad(picture.data, [picture.height, picture.width], wanted), height, width };
  };

/** The frames of an open video at the times of a job: decoded in ascending order, answered in the order of the job. */
export const framesOf = (job: Of<'frames'>, { width, height, frameAt }: OpenVideo): Pictures => {
  const { file, times, expected, wanted } = job;
  const wrong = (found: Omit<Picture, 'data'>): E.Either<VideoFault, Picture> =>
    E.left({ _tag: 'WrongVideoSize', file, expected: expected ?? [0, 0], found: [found.height, found.width] });
  if (isOther(expected, { width, height })) return times.map(() => wrong({ width, height }));
  const answers = new Map<number, E.Either<VideoFault, Picture>>();
  for (const time of times.toSorted((a, b) => a - b)) {
    if (answers.has(time)) continue;
    answers.set(
      time,
      pipe(
        frameAt(time),
        E.flatMap((picture) => (isOther(expected, picture) ? wrong(picture) : E.right(resized(wanted)(picture)))),
      ),
    );
  }
  return times.map((time) => answers.get(time) ?? E.left({ _tag: 'DamagedVideo', file, time, cause: 'not decoded' }));
};

const imageOf = (bytes: Uint8Array, { expected, wanted }: Sizes): E.Either<VideoFault, Picture> =>
  pipe(
    pictureHeader(bytes),
    E.mapLeft((cause): VideoFault => ({ _tag: 'UndecodableImage', cause })),
    E.flatMap((header) => {
      const { height, width } = header;
      return isOther(expected, header)
        ? E.left<VideoFault, Picture>({ _tag: 'WrongImageSize', expected, found: [height, width] })
        : pipe(
            decodePicture(bytes, header),
            E.mapLeft((cause): VideoFault => ({ _tag: 'UndecodableImage', cause })),
            E.map((data) => resized(wanted)({ data, height, width })),
          );
    }),
  );

/** The pictures of a job's encoded images. */
export const imagesOf = (job: Of<'images'>): Pictures => job.images.map((bytes) => imageOf(bytes, job));
