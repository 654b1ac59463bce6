import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { VideoFault } from '../error.js';
import type { Picture } from '../jobs.js';
import type { Av } from './av.js';
import { type Decoder, openDecoder } from './decoder.js';
import { type Input, openInput } from './input.js';
import { openRgb, type ToRgb } from './rgb.js';

/** Seconds by which a frame may be beside the time that is asked for, as in LeRobot. */
const tolerance = 1e-4;

/** A video that stays open, so that ascending times go on decoding where the last ones ended. */
export type OpenVideo = {
  /** Pixels, as the file's header says. */
  readonly width: number;
  readonly height: number;
  /** The frame shown at a time, in seconds; times that ascend are decoded in one pass. */
  readonly frameAt: (time: number) => E.Either<VideoFault, Picture>;
  readonly close: () => void;
};

/** What decoding onward came to: the first frame that is not before a time, and the last one that is. Seconds. */
type Reached = { readonly now: number | null; readonly before: number | null };

const nearestOf = (time: number, { now, before }: Reached): number | null => {
  if (now === null || before === null) return now ?? before;
  return now - time < time - before ? now : before;
};

class DecodedVideo implements OpenVideo {
  readonly width: number;
  readonly height: number;
  private readonly input: Input;
  private readonly decoder: Decoder;
  private readonly rgb: ToRgb;
  /** Seconds between frames, on average; 0 where the file does not say. */
  private readonly interval: number;
  /** When the decoder's frame is shown, where it has one that it could go on from. */
  private at: number | undefined;

  constructor(input: Input, decoder: Decoder, rgb: ToRgb) {
    const { num, den } = input.stream.avgFrameRate;
    this.width = input.width;
    this.height = input.height;
    this.input = input;
    this.decoder = decoder;
    this.rgb = rgb;
    this.interval = num > 0 && den > 0 ? den / num : 0;
  }

  readonly frameAt = (time: number): E.Either<VideoFault, Picture> => {
    const found = this.find(time);
    if (E.isLeft(found)) return found;
    const { now } = found.right;
    if (now === null || now > time + tolerance) {
      const { file } = this.input;
      return E.left({ _tag: 'NoFrameAtTime', file, time, nearest: nearestOf(time, found.right), tolerance });
    }
    const picture = this.rgb.convert(this.decoder.frame);
    return typeof picture === 'number' ? this.damaged(time, 'its colours cannot be converted') : E.right(picture);
  };

  readonly close = (): void => {
    this.rgb.close();
    this.decoder.close();
    this.input.format.closeInputSync();
  };

  private damaged(time: number, cause: string): E.Either<VideoFault, never> {
    this.at = undefined;
    return E.left({ _tag: 'DamagedVideo', file: this.input.file, time, cause });
  }

  private find(time: number): E.Either<VideoFault, Reached> {
    const { at } = this;
    if (at !== undefined && Math.abs(at - time) <= tolerance) return E.right({ now: at, before: null });
    const isNext = at !== undefined && at < time && time - at < 1.5 * this.interval;
    return isNext ? this.onward(time) : this.sought(time);
  }

  /** Decodes until a frame is not before `time`, or the video ends. */
  private onward(time: number): E.Either<VideoFault, Reached> {
    let before: number | null = null;
    while (this.at === undefined || this.at < time - tolerance) {
      before = this.at ?? null;
      const next = this.decoder.next();
      this.at = undefined;
      if (next === 'end') return E.right({ now: null, before });
      if (next !== 'frame') return this.damaged(time, next.cause);
      this.at = Number(this.decoder.frame.pts) / this.input.rate;
    }
    return E.right({ now: this.at, before });
  }

  private sought(time: number): E.Either<VideoFault, Reached> {
    const tick = Math.floor((time + tolerance) * this.input.rate);
    const went = this.decoder.seek(tick, this.at !== undefined && this.at < time);
    if (went !== 'on') this.at = undefined;
    return typeof went === 'string' ? this.onward(time) : this.damaged(time, went.cause);
  }
}

/**
 * Opens a video for decoding; `close` is the caller's.
 *
 * @errors those of `openInput`; `DamagedVideo`.
 */
export const openVideo = (av: Av, file: string): E.Either<VideoFault, OpenVideo> =>
  pipe(
    openInput(av, file),
    E.flatMap((input) => {
      const decoder = openDecoder(av, input);
      if (E.isLeft(decoder)) {
        input.format.closeInputSync();
        return decoder;
      }
      return E.right(new DecodedVideo(input, decoder.right, openRgb(av)));
    }),
  );
