import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Packet } from 'node-av/lib';
import { type CodedFrame, inOrderShown, type VideoDescription } from '../description.js';
import type { VideoFault } from '../error.js';
import { type Av, wordsOf } from './av.js';
import { type Input, openInput } from './input.js';

type Coded = { readonly frames: readonly CodedFrame[]; readonly packets: number };

/** Gives every coded frame's packet to `take`, until it is cut short; FFmpeg's refusal where there is one. */
const eachPacket = (av: Av, { format, stream }: Input, take: (packet: Packet) => void): number => {
  const packet = new av.Packet();
  packet.alloc();
  let read = format.readFrameSync(packet);
  while (read >= 0 && !packet.hasFlags(av.AV_PKT_FLAG_CORRUPT)) {
    if (packet.streamIndex === stream.index) take(packet);
    packet.unref();
    read = format.readFrameSync(packet);
  }
  packet.free();
  return read === av.AVERROR_EOF ? 0 : read;
};

/** Reads every coded frame; those that the edit list hides are counted alone. */
const readCoded = (av: Av, input: Input): E.Either<VideoFault, Coded> => {
  const frames: CodedFrame[] = [];
  let packets = 0;
  const read = eachPacket(av, input, (packet) => {
    packets += 1;
    if (packet.hasFlags(av.AV_PKT_FLAG_DISCARD)) return;
    frames.push({ pts: Number(packet.pts), duration: Number(packet.duration), isKey: packet.isKeyframe });
  });
  return read < 0
    ? E.left({ _tag: 'DamagedVideo', file: input.file, time: null, cause: wordsOf(av, read) })
    : E.right({ frames, packets });
};

const descriptionOf = (av: Av, input: Input): E.Either<VideoFault, VideoDescription> =>
  pipe(
    readCoded(av, input),
    E.filterOrElse(
      ({ packets }) => packets >= Number(input.stream.nbFrames),
      ({ packets }): VideoFault => ({
        _tag: 'TruncatedVideo',
        file: input.file,
        declared: Number(input.stream.nbFrames),
        found: packets,
      }),
    ),
    E.filterOrElse(
      ({ frames }) => frames.length > 0,
      (): VideoFault => ({ _tag: 'NotVideo', file: input.file, cause: 'it has no frames' }),
    ),
    E.map(({ frames }) => {
      const { file, codec, width, height, rate, stream } = input;
      const { num, den } = stream.avgFrameRate;
      const times = inOrderShown(frames, rate);
      return { file, codec, width, height, fps: den > 0 ? num / den : times.frames / times.duration, ...times };
    }),
  );

/** What `describeVideo` answers, on the thread that calls it. */
export const describeHere = (av: Av, file: string): E.Either<VideoFault, VideoDescription> =>
  pipe(
    openInput(av, file),
    E.flatMap((input) => {
      const description = descriptionOf(av, input);
      input.format.closeInputSync();
      return description;
    }),
  );
