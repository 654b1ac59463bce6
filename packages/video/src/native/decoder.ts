import * as E from 'fp-ts/lib/Either.js';
import type { CodecContext, Frame, Packet } from 'node-av/lib';
import { codecs } from '../codec.js';
import type { VideoFault } from '../error.js';
import { type Av, wordsOf } from './av.js';
import type { Input } from './input.js';

/** As many pixels as a frame may have: a damaged header must not fill the memory. */
const mostPixels = 2 ** 26;

/** A decoder and where it is. Times are ticks of the file. */
export type Decoder = {
  /** The frame decoded last, where there is one. */
  readonly frame: Frame;
  /** Decodes the next frame. */
  readonly next: () => 'frame' | 'end' | { readonly cause: string };
  /**
   * Goes to the last keyframe shown at a time or before; on from where it is instead, where that one was decoded already.
   *
   * @param canGoOn - the frame wanted is after the last one decoded.
   */
  readonly seek: (tick: number, canGoOn: boolean) => 'at keyframe' | 'on' | { readonly cause: string };
  readonly close: () => void;
};

const openContext = (av: Av, { file, stream, codec }: Input): E.Either<VideoFault, CodecContext> => {
  const damaged = (cause: string): E.Either<VideoFault, CodecContext> =>
    E.left({ _tag: 'DamagedVideo', file, time: null, cause });
  const found = av.Codec.findDecoder(av[codecs[codec].id]);
  if (found === null) return damaged(`node-av has no decoder of ${codec}`);
  const context = new av.CodecContext();
  context.allocContext3(found);
  const copied = context.parametersToContext(stream.codecpar);
  context.pktTimebase = stream.timeBase;
  // The threads of a pool are the workers.
  context.threadCount = 1;
  context.setOption('max_pixels', mostPixels);
  // What is damaged is refused, not painted over.
  context.setOption('err_detect', 'explode');
  const opened = copied < 0 ? copied : context.open2Sync(found);
  if (opened >= 0) return E.right(context);
  context.freeContext();
  return damaged(wordsOf(av, opened));
};

type Parts = { readonly av: Av; readonly input: Input; readonly context: CodecContext; readonly packet: Packet };

/** Reads the next packet of the video into `packet`. */
const readPacket = ({ av, input: { format, stream }, packet }: Parts): number => {
  for (;;) {
    packet.unref();
    const read = format.readFrameSync(packet);
    if (read < 0 || packet.streamIndex === stream.index) {
      return read >= 0 && packet.hasFlags(av.AV_PKT_FLAG_CORRUPT) ? av.AVERROR_INVALIDDATA : read;
    }
  }
};

class PacketDecoder implements Decoder {
  readonly frame: Frame;
  private readonly parts: Parts;
  /** Of the packet that was given to FFmpeg last, in the order of decoding. */
  private sent = Number.NEGATIVE_INFINITY;
  private isDrained = false;
  /** The packet was read by a seek and is still to be decoded. */
  private isHeld = false;

  constructor(parts: Parts, frame: Frame) {
    this.parts = parts;
    this.frame = frame;
  }

  readonly next: Decoder['next'] = () => {
    const { av, context } = this.parts;
    for (;;) {
      this.frame.unref();
      const received = context.receiveFrameSync(this.frame);
      if (received === av.AVERROR_EOF) return 'end';
      if (received >= 0) return this.checked();
      const fed = received === av.AVERROR_EAGAIN ? this.feed() : received;
      if (fed < 0) return this.failed(fed);
    }
  };

  readonly seek: Decoder['seek'] = (tick, canGoOn) => {
    const { av, context, packet } = this.parts;
    let read = this.readKeyframe(tick);
    const isDecoded = (): boolean => read >= 0 && Number(packet.dts) <= this.sent;
    const goesOn = canGoOn && !this.isDrained && isDecoded();
    while (goesOn && isDecoded()) read = readPacket(this.parts);
    this.isHeld = read >= 0;
    if (goesOn) return 'on';
    context.flushBuffers();
    // The decoder of HEVC keeps frames that it was about to give, through a flush.
    while (context.receiveFrameSync(this.frame) >= 0) this.frame.unref();
    this.sent = Number.NEGATIVE_INFINITY;
    this.isDrained = false;
    return read < 0 && read !== av.AVERROR_EOF ? this.failed(read) : 'at keyframe';
  };

  readonly close = (): void => {
    this.parts.packet.free();
    this.frame.free();
    this.parts.context.freeContext();
  };

  private failed(code: number): { readonly cause: string } {
    return { cause: wordsOf(this.parts.av, code) };
  }

  private checked(): 'frame' | { readonly cause: string } {
    const isWhole = this.frame.decodeErrorFlags === 0 && !this.frame.hasFlags(this.parts.av.AV_FRAME_FLAG_CORRUPT);
    return isWhole ? 'frame' : { cause: 'its coded bits are damaged' };
  }

  /**
   * Reads the packet of the last keyframe that is shown at a time or before. Files are sought by the time of decoding, which may
   * be before that of showing: where the keyframe found is too late, from further back.
   */
  private readKeyframe(tick: number): number {
    const { av, input, packet } = this.parts;
    const { num, den } = input.stream.avgFrameRate;
    const frame = num > 0 && den > 0 ? Math.ceil((input.rate * den) / num) : 1;
    const beginning = Number(input.stream.startTime);
    for (let back = 0; ; back = Math.max(frame, back * 2)) {
      const from = Math.max(beginning, tick - back);
      const sought = input.format.seekFrameSync(input.stream.index, BigInt(from), av.AVSEEK_FLAG_BACKWARD);
      const read = sought < 0 ? sought : readPacket(this.parts);
      if (read < 0 || Number(packet.pts) <= tick || from <= beginning) return read;
    }
  }

  /** Gives FFmpeg the next packet, or the end. */
  private feed(): number {
    const { av, context, packet } = this.parts;
    const read = this.isHeld ? 0 : readPacket(this.parts);
    this.isHeld = false;
    if (read < 0 && read !== av.AVERROR_EOF) return read;
    this.isDrained = read < 0;
    if (!this.isDrained) this.sent = Number(packet.dts);
    return context.sendPacketSync(this.isDrained ? null : packet);
  }
}

/**
 * The decoder of an open video.
 *
 * @errors `DamagedVideo` where the file's description of its coding is refused.
 */
export const openDecoder = (av: Av, input: Input): E.Either<VideoFault, Decoder> => {
  const context = openContext(av, input);
  if (E.isLeft(context)) return context;
  const [packet, frame] = [new av.Packet(), new av.Frame()];
  packet.alloc();
  frame.alloc();
  return E.right(new PacketDecoder({ av, input, context: context.right, packet }, frame));
};
