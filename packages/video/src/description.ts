import type { VideoCodec } from './codec.js';

/** What a video file says of itself, nothing of it decoded; `l` = frames. */
export type VideoDescription = {
  readonly file: string;
  readonly codec: VideoCodec;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames per second on average. */
  readonly fps: number;
  /** `l`. */
  readonly frames: number;
  /** Seconds from the first frame's beginning to the last one's end. */
  readonly duration: number;
  /** `f64[l]` seconds at which each frame is shown, ascending, the file's edit list applied. */
  readonly timestamps: Float64Array;
  /** `u8[l]` 1 for a frame that is decoded without another one. */
  readonly keyframes: Uint8Array;
};

/** One coded frame, in ticks. */
export type CodedFrame = { readonly pts: number; readonly duration: number; readonly isKey: boolean };

/** The frames in the order in which they are shown; `rate` is ticks in a second. */
export const inOrderShown = (
  coded: readonly CodedFrame[],
  rate: number,
): Pick<VideoDescription, 'frames' | 'duration' | 'timestamps' | 'keyframes'> => {
  const shown = coded.toSorted((a, b) => a.pts - b.pts);
  const [first, last] = [shown[0], shown.at(-1)];
  return {
    frames: shown.length,
    duration: first === undefined || last === undefined ? 0 : (last.pts + last.duration - first.pts) / rate,
    timestamps: Float64Array.from(shown, ({ pts }) => pts / rate),
    keyframes: Uint8Array.from(shown, ({ isKey }) => (isKey ? 1 : 0)),
  };
};
