import type { Size } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { VideoDescription } from './description.js';
import type { VideoError, VideoFault } from './error.js';
import type { Picture, Pictures, Sizes } from './jobs.js';
import { defaultThreads, openPool, type Pool } from './native/pool.js';
import { workerFile } from './worker-file.js';

/** Threads that decode; an idle one does not keep the process alive. */
export type Decoders = {
  readonly threads: number;
  /** The frames of a video at times in seconds of the file, each with what is wrong with it alone. */
  readonly frames: (file: string, times: readonly number[], sizes?: Partial<Sizes>) => Promise<Pictures>;
  /** Encoded images (PNG, JPEG), likewise. The bytes are copied. */
  readonly images: (images: readonly Uint8Array[], sizes?: Partial<Sizes>) => Promise<Pictures>;
  readonly describe: (file: string) => TE.TaskEither<VideoError, VideoDescription>;
  /** Ends the threads; what is still asked for is answered with `DecodersClosed`. */
  readonly close: () => Promise<void>;
};

/** How many threads decode. */
export type DecoderOptions = {
  /** A whole number, at least 1, or every answer is `InvalidThreads`; by default one less than there are cores, at most 8. */
  readonly threads?: number;
};

const open = { expected: null, wanted: null };

const each = (count: number, answer: E.Either<VideoFault, Pictures>): Pictures =>
  E.isLeft(answer) ? Array.from({ length: count }, () => answer) : answer.right;

const isCount = (threads: number): boolean => Number.isInteger(threads) && threads >= 1;

/** Answers everything with what is wrong with the number of threads. */
const noPool = (threads: number): Pool => ({
  threads: 1,
  run: async () => E.left({ _tag: 'InvalidThreads', found: threads }),
  close: async () => undefined,
});

/** Starts threads that decode, as work comes; `close` is the caller's. */
export const openDecoders = ({ threads = defaultThreads() }: DecoderOptions = {}): Decoders => {
  const pool = isCount(threads) ? openPool(threads, workerFile) : noPool(threads);
  return {
    threads: pool.threads,
    frames: async (file, times, sizes) =>
      each(times.length, await pool.run({ kind: 'frames', file, times, ...open, ...sizes })),
    images: async (images, sizes) =>
      // A part of a larger buffer would be sent with all of it.
      each(
        images.length,
        await pool.run({ kind: 'images', images: images.map((bytes) => bytes.slice()), ...open, ...sizes }),
      ),
    describe: (file) => async () => E.flatten(await pool.run({ kind: 'describe', file })),
    close: pool.close,
  };
};

/**
 * What a video file says of itself, nothing of it decoded: its codec, size, and when each frame is shown.
 *
 * @errors `MissingLibrary`; `MissingVideo`, `UnreadableVideo`, `VideoPointer`, `NotVideo`, `UnknownCodec`, `TruncatedVideo`,
 * `DamagedVideo`.
 */
export const describeVideo = (file: string): TE.TaskEither<VideoError, VideoDescription> => {
  const decoders = openDecoders({ threads: 1 });
  return async () => {
    const description = await decoders.describe(file)();
    await decoders.close();
    return description;
  };
};

/**
 * The frames of a video that are shown at given times, in the order of the times.
 *
 * @param times - seconds of the file; each is answered by the frame within 1e-4 s, as in LeRobot.
 * @param size - resized to it without distortion, on black; as they are without it.
 * @errors those of `describeVideo` but `TruncatedVideo`; `NoFrameAtTime` names both times.
 * @law a frame depends on its own time alone, whatever others are asked for and in whatever order.
 */
export const decodeFrames =
  (
    decoders: Decoders,
    file: string,
    times: readonly number[],
    size?: Size,
  ): TE.TaskEither<VideoError, readonly Picture[]> =>
  () =>
    decoders.frames(file, times, { wanted: size ?? null }).then(E.sequenceArray);
