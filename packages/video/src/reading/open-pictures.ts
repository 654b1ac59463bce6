import { type DataError, encodedPictures, type PictureBatch, pictureCache, type Size } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type DecoderOptions, type Decoders, openDecoders } from '../decoders.js';
import type { PlacedError, VideoFault } from '../error.js';
import { type Camera, cameraOf, type Wanted } from './camera.js';
import { decodeWanted } from './decoding.js';
import { encodedIn, type FrameOf, type PicturedDataset, type ReadEncoded } from './place.js';

/** How pictures are read. */
export type ReadingOptions = (
  | DecoderOptions
  | { /** Shared with others; whoever opened them closes them. */ readonly decoders: Decoders }
) & {
  /** Decoded pictures kept, in bytes; what was used longest ago goes first. None by default. */
  readonly cacheBytes?: number;
};

/** The pictures of a dataset's cameras. */
export type PictureReader = {
  /**
   * What a camera saw at frames of episodes, decoded in threads.
   *
   * @param size - resized to it without distortion, on black; as they are without it.
   * @returns bytes `[n, h, w, 3]`, a row for each frame asked for.
   * @errors those of `decodeFrames` and of images, each naming dataset, episode, frame and camera; `UnknownPictures`,
   * `InvalidField`, `ShapeMismatch`, `UnknownEpisode`. With several, that of the first row.
   * @law row i depends on frame i alone; threads and cache change nothing but time.
   */
  readonly read: (
    camera: string,
    frames: readonly FrameOf[],
    size?: Size,
  ) => TaskEither<DataError | PlacedError, PictureBatch>;
  /** Decodes the same into the cache alone: of no use where it is too small to hold it. */
  readonly prefetch: (
    camera: string,
    frames: readonly FrameOf[],
    size?: Size,
  ) => TaskEither<DataError | PlacedError, void>;
  /** Ends the threads, where they are its own; what is still read is answered with `DecodersClosed`. */
  readonly close: () => Promise<void>;
};

type Refused = DataError | PlacedError;

/** Decoded bytes, or what is wrong. */
type Row = E.Either<Refused, Uint8Array>;

type Opened = { readonly dataset: PicturedDataset; readonly decoders: Decoders; readonly encoded: ReadEncoded };

const placed = ({ dataset }: Opened, { name }: Camera, { episode, frame }: Wanted, fault: VideoFault): PlacedError => ({
  ...fault,
  place: { dataset: dataset.root, episode: episode.index, frame, camera: name },
});

const wantedIn = (opened: Opened) => {
  const episodes = new Map(opened.dataset.episodes.map((episode) => [episode.index, episode]));
  return (camera: Camera, { episode: index, frame }: FrameOf): E.Either<Refused, Wanted> => {
    const episode = episodes.get(index);
    if (episode === undefined) return E.left({ _tag: 'UnknownEpisode', episode: index, available: episodes.size });
    const wanted = { key: `${camera.name}/${index}/${frame}/${camera.wanted.join('x')}`, episode, frame };
    return Number.isInteger(frame) && frame >= 0 && frame < episode.length
      ? E.right(wanted)
      : E.left(placed(opened, camera, wanted, { _tag: 'FrameOutOfRange', length: episode.length }));
  };
};

/** Pictures that are kept, or being decoded; what is neither is decoded once, whoever else asks for it meanwhile. */
const decodedOnce = (opened: Opened, cacheBytes: number) => {
  const cache = pictureCache(cacheBytes);
  const inFlight = new Map<string, Promise<Row>>();
  const start = (camera: Camera, wanted: readonly Wanted[]): void => {
    for (const [one, picture] of decodeWanted(opened.decoders, opened.dataset, opened.encoded, camera, wanted)) {
      const row = picture.then((decoded): Row => {
        inFlight.delete(one.key);
        if (E.isLeft(decoded)) return E.left(placed(opened, camera, one, decoded.left));
        cache.put(one.key, decoded.right.data);
        return E.right(decoded.right.data);
      });
      inFlight.set(one.key, row);
    }
  };
  /** In the order of the keys. */
  return (camera: Camera, wanted: readonly Wanted[]): ReadonlyMap<string, Row | Promise<Row>> => {
    const distinct = [...new Map(wanted.map((one) => [one.key, one])).values()];
    // Kept pictures are held from here on: those that come may push them out of the cache.
    const kept = new Map(distinct.map(({ key }) => [key, cache.get(key)]));
    start(
      camera,
      distinct.filter(({ key }) => kept.get(key) === undefined && !inFlight.has(key)),
    );
    return new Map(
      distinct.flatMap(({ key }): (readonly [string, Row | Promise<Row>])[] => {
        const [picture, coming] = [kept.get(key), inFlight.get(key)];
        if (picture !== undefined) return [[key, E.right(picture)]];
        return coming === undefined ? [] : [[key, coming]];
      }),
    );
  };
};

/** Rows one after another: all of them, or the first refusal. */
const joined = (rows: readonly Row[], [height, width]: Size): E.Either<Refused, PictureBatch> => {
  const data = new Uint8Array(rows.length * height * width * 3);
  for (const [i, row] of rows.entries()) {
    if (E.isLeft(row)) return row;
    data.set(row.right, i * height * width * 3);
  }
  return E.right({ data, height, width });
};

/**
 * Opens the cameras of a dataset, videos and images alike; `close` is the caller's. Nothing is read and no thread started
 * until pictures are asked for; a picture that several ask for at once is decoded once.
 */
export const openPictures = (dataset: PicturedDataset, options: ReadingOptions = {}): PictureReader => {
  const isShared = 'decoders' in options;
  const opened = {
    dataset,
    decoders: isShared ? options.decoders : openDecoders(options),
    encoded: encodedIn(dataset, encodedPictures()),
  };
  const wantedOf = wantedIn(opened);
  const decode = decodedOnce(opened, options.cacheBytes ?? 0);

  const rowsOf = async (camera: Camera, frames: readonly FrameOf[]): Promise<readonly Row[]> => {
    const wanted = frames.map((frame) => wantedOf(camera, frame));
    const rows = decode(
      camera,
      wanted.flatMap((one) => (E.isRight(one) ? [one.right] : [])),
    );
    return Promise.all(
      wanted.map(
        async (one): Promise<Row> =>
          E.isLeft(one)
            ? one
            : (rows.get(one.right.key) ??
              E.left(placed(opened, camera, one.right, { _tag: 'DecodersClosed', work: camera.name }))),
      ),
    );
  };

  return {
    read: (name, frames, size) => async () => {
      const camera = cameraOf(dataset, name, size);
      if (E.isLeft(camera)) return camera;
      return joined(await rowsOf(camera.right, frames), camera.right.wanted);
    },
    prefetch: (name, frames, size) => async () => {
      const camera = cameraOf(dataset, name, size);
      if (E.isLeft(camera)) return camera;
      return E.map(() => undefined)(E.sequenceArray(await rowsOf(camera.right, frames)));
    },
    close: isShared ? async () => undefined : opened.decoders.close,
  };
};
