import * as E from 'fp-ts/lib/Either.js';
import type { VideoCodec } from './codec.js';
import type { VideoError } from './error.js';

/** What is encoded, and how. */
export type EncodeSettings = {
  /** Pixels, even: colours are stored at half of it. */
  readonly width: number;
  readonly height: number;
  /** Frames per second, whole. */
  readonly fps: number;
  readonly codec: VideoCodec;
  /** Frames from one keyframe to the next; 2 without it. */
  readonly gop?: number;
};

/** Groups of two, as LeRobot writes: any frame costs at most one other. */
const defaultGop = 2;

const refusals: readonly (readonly [keyof EncodeSettings, string, (value: number) => boolean])[] = [
  ['width', 'even and positive', (width) => width > 0 && width % 2 === 0],
  ['height', 'even and positive', (height) => height > 0 && height % 2 === 0],
  ['fps', 'a whole number, at least 1', (fps) => Number.isInteger(fps) && fps >= 1],
  ['gop', 'a whole number, at least 1', (gop) => Number.isInteger(gop) && gop >= 1],
];

/** Settings that a video can have. @errors `InvalidSetting`. */
export const checkedSettings = (
  file: string,
  { gop = defaultGop, ...given }: EncodeSettings,
): E.Either<VideoError, Required<EncodeSettings>> => {
  const settings = { ...given, gop };
  for (const [setting, expected, isRight] of refusals) {
    const found = Number(settings[setting]);
    if (!isRight(found)) return E.left({ _tag: 'InvalidSetting', file, setting, expected, found });
  }
  return E.right(settings);
};

/** Frames of bytes `[h, w, 3]`, RGB; one may be overwritten once the next is asked for. */
export type FrameSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
