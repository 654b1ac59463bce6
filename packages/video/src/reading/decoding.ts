import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Decoders } from '../decoders.js';
import type { VideoFault } from '../error.js';
import type { Picture, Pictures } from '../jobs.js';
import type { Camera, Wanted } from './camera.js';
import { type PicturedDataset, placeInVideo, type ReadEncoded, type TimeInFile } from './place.js';
import { shares } from './shares.js';

/** A picture, once it is decoded. */
type Coming = readonly [wanted: Wanted, picture: Promise<E.Either<VideoFault, Picture>>];

/** Frames that are worth a thread of their own: the first of them costs a seek. */
const leastShare = 4;

const at = (pictures: Pictures, i: number): E.Either<VideoFault, Picture> =>
  pictures[i] ?? E.left({ _tag: 'UndecodableImage', cause: 'no thread answered for it' });

/** Each item of a job with its part of the job's answer. */
const parts = (wanted: readonly Wanted[], answer: Promise<Pictures>): readonly Coming[] =>
  wanted.map((one, i) => [one, answer.then((pictures) => at(pictures, i))]);

type Located = { readonly one: Wanted } & TimeInFile;

const byFile = (located: readonly Located[]): readonly (readonly Located[])[] => {
  const groups = new Map<string, Located[]>();
  for (const one of located) {
    const group = groups.get(one.file);
    if (group === undefined) groups.set(one.file, [one]);
    else group.push(one);
  }
  return [...groups.values()];
};

const decodeVideo = (
  decoders: Decoders,
  { expected, wanted }: Camera,
  located: readonly Located[],
): readonly Coming[] =>
  byFile(located)
    .flatMap((ofFile) =>
      shares(
        ofFile.toSorted((a, b) => a.time - b.time),
        decoders.threads,
        leastShare,
      ),
    )
    .flatMap((share) => {
      const times = share.map(({ time }) => time);
      return parts(
        share.map(({ one }) => one),
        decoders.frames(share[0]?.file ?? '', times, { expected, wanted }),
      );
    });

const decodeImages = (
  decoders: Decoders,
  encodedPicture: ReadEncoded,
  camera: Camera,
  share: readonly Wanted[],
): readonly Coming[] => {
  const { name, expected, wanted } = camera;
  const answer = async (): Promise<Pictures> => {
    const encoded = await Promise.all(share.map(({ episode, frame }) => encodedPicture(episode, name, frame)()));
    const present = encoded.flatMap((bytes) => (E.isRight(bytes) ? [bytes.right] : []));
    const pictures = await decoders.images(present, { expected, wanted });
    let next = 0;
    return encoded.map((bytes) => (E.isLeft(bytes) ? bytes : at(pictures, next++)));
  };
  return parts(share, answer());
};

/** Has pictures of a camera decoded, each file's in ascending order, shared among the threads. */
export const decodeWanted = (
  decoders: Decoders,
  dataset: PicturedDataset,
  encoded: ReadEncoded,
  camera: Camera,
  wanted: readonly Wanted[],
): readonly Coming[] => {
  if (!camera.isVideo) {
    return shares(wanted, decoders.threads, 1).flatMap((share) => decodeImages(decoders, encoded, camera, share));
  }
  const places = wanted.map((one) =>
    pipe(
      placeInVideo(dataset, one.episode, camera.name, one.frame),
      E.bimap(
        (fault): Coming => [one, Promise.resolve(E.left(fault))],
        (place): Located => ({ one, ...place }),
      ),
    ),
  );
  const refused = places.flatMap((place) => (E.isLeft(place) ? [place.left] : []));
  const located = places.flatMap((place) => (E.isRight(place) ? [place.right] : []));
  return [...refused, ...decodeVideo(decoders, camera, located)];
};
