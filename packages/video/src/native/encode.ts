import { resolve } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { CodecContext, FormatContext, Frame, Packet, Stream } from 'node-av/lib';
import { codecs } from '../codec.js';
import type { EncodeSettings, FrameSource } from '../encode.js';
import type { VideoFault } from '../error.js';
import { type Av, wordsOf } from './av.js';

/** FFmpeg's own steps, which refuse with a number. */
class Refused extends Error {}

const accepted =
  (av: Av) =>
  (code: number): number => {
    if (code < 0) throw new Refused(wordsOf(av, code));
    return code;
  };

const verbosity = 'SVT_LOG';

/** SVT-AV1 writes its settings to the terminal, unless its own variable says otherwise while it is set up. */
const quietly = async <A>(setUp: () => Promise<A>): Promise<A> => {
  if (process.env[verbosity] !== undefined) return setUp();
  process.env[verbosity] = '1';
  try {
    return await setUp();
  } finally {
    delete process.env[verbosity];
  }
};

type Encoder = {
  readonly av: Av;
  readonly format: FormatContext;
  readonly context: CodecContext;
  readonly stream: Stream;
  readonly packet: Packet;
};

const openEncoder = async (av: Av, file: string, settings: Required<EncodeSettings>): Promise<Encoder | undefined> => {
  const { encoder, settings: tuned } = codecs[settings.codec];
  const ok = accepted(av);
  const found = av.Codec.findEncoderByName(encoder as Parameters<Av['Codec']['findEncoderByName']>[0]);
  if (found === null) return undefined;
  const format = new av.FormatContext();
  ok(format.allocOutputContext2(null, 'mp4', `file:${resolve(file)}`));
  const context = new av.CodecContext();
  context.allocContext3(found);
  context.width = settings.width;
  context.height = settings.height;
  context.pixelFormat = av.AV_PIX_FMT_YUV420P;
  context.timeBase = new av.Rational(1, settings.fps);
  context.framerate = new av.Rational(settings.fps, 1);
  context.gopSize = settings.gop;
  if (format.oformat?.hasFlags(av.AVFMT_GLOBALHEADER)) context.setFlags(av.AV_CODEC_FLAG_GLOBAL_HEADER);
  const options = { ...tuned, ...(settings.codec === 'av1' ? { 'svtav1-params': `keyint=${settings.gop}` } : {}) };
  ok(await quietly(() => context.open2(found, av.Dictionary.fromObject(options))));
  const stream = format.newStream(found);
  ok(stream.codecpar.fromContext(context));
  stream.timeBase = context.timeBase;
  ok(await format.openOutput());
  ok(await format.writeHeader());
  const packet = new av.Packet();
  packet.alloc();
  return { av, format, context, stream, packet };
};

/** Gives the encoder a frame, or the end, and writes what it has ready. */
const encode = async ({ av, format, context, stream, packet }: Encoder, frame: Frame | null): Promise<void> => {
  const ok = accepted(av);
  ok(await context.sendFrame(frame));
  for (;;) {
    const received = await context.receivePacket(packet);
    if (received === av.AVERROR_EAGAIN || received === av.AVERROR_EOF) return;
    ok(received);
    packet.streamIndex = stream.index;
    // Not every encoder says it, and without it the last frame is shown for no time: the file's edit list hides it.
    packet.duration = 1n;
    packet.rescaleTs(context.timeBase, stream.timeBase);
    ok(await format.interleavedWriteFrame(packet));
    packet.unref();
  }
};

/** Frames as the encoder wants them; each is overwritten by the next. */
const openYuv = (av: Av, { width, height }: Required<EncodeSettings>) => {
  const scale = new av.SoftwareScaleContext();
  scale.allocContext();
  scale.setOption('sws_flags', 'bilinear');
  return {
    /** The frame's memory may still be in the encoder: each gets its own. */
    convert: async (rgb: Uint8Array, pts: number): Promise<Frame> => {
      const source = av.Frame.fromVideoBuffer(Buffer.from(rgb.buffer, rgb.byteOffset, rgb.byteLength), {
        width,
        height,
        format: av.AV_PIX_FMT_RGB24,
      });
      const yuv = new av.Frame();
      yuv.alloc();
      yuv.width = width;
      yuv.height = height;
      yuv.format = av.AV_PIX_FMT_YUV420P;
      const scaled = await scale.scaleFrame(yuv, source);
      source.free();
      accepted(av)(scaled);
      yuv.pts = BigInt(pts);
      return yuv;
    },
    close: () => scale.freeContext(),
  };
};

const causeOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Encodes every frame; counts them in `at`, which says where it failed. */
const encodeAll = async (
  encoder: Encoder,
  file: string,
  frames: FrameSource,
  settings: Required<EncodeSettings>,
  at: { frame: number },
) => {
  const yuv = openYuv(encoder.av, settings);
  const expected = settings.width * settings.height * 3;
  try {
    for await (const rgb of withCause(frames)) {
      if (rgb.length !== expected) {
        const wrong: VideoFault = { _tag: 'WrongFrameBytes', file, frame: at.frame, expected, found: rgb.length };
        return E.left(wrong);
      }
      const frame = await yuv.convert(rgb, at.frame);
      try {
        await encode(encoder, frame);
      } finally {
        frame.free();
      }
      at.frame += 1;
    }
    if (at.frame === 0) return E.left<VideoFault, number>({ _tag: 'NoFrames', file });
    await encode(encoder, null);
    accepted(encoder.av)(await encoder.format.writeTrailer());
    return E.right(at.frame);
  } finally {
    yuv.close();
  }
};

/** What the caller's frames threw. */
class Unavailable extends Error {}

const withCause = async function* (frames: FrameSource): AsyncGenerator<Uint8Array> {
  const iterator = Symbol.asyncIterator in frames ? frames[Symbol.asyncIterator]() : frames[Symbol.iterator]();
  try {
    for (;;) {
      const next = await (async () => iterator.next())().catch((thrown: unknown) => {
        throw new Unavailable(causeOf(thrown));
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
};

/**
 * Writes frames to a file as they come; answers how many.
 *
 * @param file - named in errors; `path` is written.
 */
export const encodeInto = async (
  av: Av,
  path: string,
  file: string,
  frames: FrameSource,
  settings: Required<EncodeSettings>,
): Promise<E.Either<VideoFault, number>> => {
  const at = { frame: 0 };
  try {
    const encoder = await openEncoder(av, path, settings);
    if (encoder === undefined) {
      return E.left({ _tag: 'MissingEncoder', file, codec: settings.codec, encoder: codecs[settings.codec].encoder });
    }
    try {
      return await encodeAll(encoder, file, frames, settings, at);
    } finally {
      encoder.packet.free();
      encoder.context.freeContext();
      await encoder.format.closeOutput();
      encoder.format.freeContext();
    }
  } catch (thrown) {
    const fault = { file, frame: at.frame, cause: causeOf(thrown) };
    return E.left({ _tag: thrown instanceof Unavailable ? 'FramesFailed' : 'EncodingFailed', ...fault });
  }
};
