import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeVideo, type Picture, type VideoCodec } from '../../src/index.js';
import type { Av } from '../../src/native/av.js';
import { openRgb } from '../../src/native/rgb.js';
import { openVideo } from '../../src/native/video.js';
import { av as found, skipped } from '../node-av.js';
import { right } from '../right.js';

const [width, height, fps, count, gop] = [64, 48, 25, 90, 30];

const folder = mkdtempSync(join(tmpdir(), 'video-'));
const fileOf = (codec: VideoCodec): string => join(folder, `${codec}.mp4`);

/** A square that wanders over a gradient: encoders predict it in both directions. */
const scene = function* (): Generator<Uint8Array> {
  for (let t = 0; t < count; t++) {
    const picture = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      const isSquare = Math.abs(x - ((t * 2) % width)) < 6 && Math.abs(y - (t % height)) < 6;
      picture.fill(isSquare ? 230 : x + y + t, i * 3, i * 3 + 3);
    }
    yield picture;
  }
};

const ffmpeg = (): Av => found ?? expect.fail();

/** FFmpeg that counts the frames it has decoded. */
const counting = (library: Av): { readonly counted: Av; readonly decoded: () => number } => {
  let decoded = 0;
  class CodecContext extends library.CodecContext {
    override receiveFrameSync(frame: Parameters<InstanceType<Av['CodecContext']>['receiveFrameSync']>[0]): number {
      const received = super.receiveFrameSync(frame);
      if (received >= 0) decoded += 1;
      return received;
    }
  }
  return { counted: { ...library, CodecContext }, decoded: () => decoded };
};

const bytesOf = (picture: E.Either<unknown, Picture>): string =>
  E.isRight(picture) ? createHash('sha256').update(picture.right.data).digest('hex') : JSON.stringify(picture.left);

const codecs = ['h264', 'hevc', 'av1'] as const;

describe.skipIf(skipped !== '')(`groups of ${gop} frames that are predicted from both sides${skipped}`, () => {
  beforeAll(async () => {
    for (const codec of codecs) right(await encodeVideo(fileOf(codec), scene(), { width, height, fps, codec, gop })());
  });

  it.each(codecs)('%s: in any order, each frame is what it is in order', (codec) => {
    const av = ffmpeg();
    const inOrder = right(openVideo(av, fileOf(codec)));
    const all = Array.from({ length: count }, (_, i) => bytesOf(inOrder.frameAt(i / fps)));
    expect(new Set(all).size).toBe(count);
    inOrder.close();
    const video = right(openVideo(av, fileOf(codec)));
    const wanted = fc.integer({ min: -1, max: count });
    fc.assert(
      fc.property(fc.array(wanted, { minLength: 1, maxLength: 10 }), (frames) => {
        for (const i of frames) {
          const found = video.frameAt(i / fps);
          if (i >= 0 && i < count) expect(bytesOf(found)).toBe(all[i]);
          else expect(found).toMatchObject({ left: { _tag: 'NoFrameAtTime' } });
        }
      }),
      { numRuns: 40 },
    );
    video.close();
  });

  it.each(codecs)('%s: ascending times never decode a frame twice', (codec) => {
    const av = ffmpeg();
    const steps = fc.array(fc.integer({ min: 1, max: gop - 1 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(steps, (by) => {
        const { counted, decoded } = counting(av);
        const video = right(openVideo(counted, fileOf(codec)));
        let frame = 0;
        for (const step of by) {
          frame += step;
          if (frame < count) right(video.frameAt(frame / fps));
        }
        video.close();
        expect(decoded()).toBeLessThanOrEqual(Math.min(frame, count - 1) + 1);
      }),
      { numRuns: 30 },
    );
  });

  it.each(codecs)('%s: a frame far away costs its own group, none before it', (codec) => {
    const av = ffmpeg();
    const { counted, decoded } = counting(av);
    const video = right(openVideo(counted, fileOf(codec)));
    right(video.frameAt(0));
    right(video.frameAt((2 * gop + 1) / fps));
    expect(decoded()).toBeLessThanOrEqual(1 + gop);
    video.close();
  });
});

describe.skipIf(skipped !== '')(`colours${skipped}`, () => {
  /** Luma and chroma weights: the Kr and Kb of a matrix. */
  const matrices = [
    ['AVCOL_SPC_BT709', 0.2126, 0.0722],
    ['AVCOL_SPC_SMPTE170M', 0.299, 0.114],
    ['AVCOL_SPC_UNSPECIFIED', 0.299, 0.114],
  ] as const;

  /** RGB of a colour difference signal by the formulas of the recommendations themselves. */
  const rgbOf = (y: number, cb: number, cr: number, kr: number, kb: number): readonly number[] => {
    const [r, b] = [y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb];
    const g = (y - kr * r - kb * b) / (1 - kr - kb);
    return [r, g, b].map((value) => Math.min(255, Math.max(0, 255 * value)));
  };

  const frameOf = (library: Av, [y, u, v]: readonly number[], space: number, range: number) => {
    const planes = [
      new Uint8Array(16 * 16).fill(y ?? 0),
      new Uint8Array(64).fill(u ?? 0),
      new Uint8Array(64).fill(v ?? 0),
    ];
    const frame = library.Frame.fromVideoBuffer(Buffer.concat(planes), {
      width: 16,
      height: 16,
      format: library.AV_PIX_FMT_YUV420P,
    });
    frame.colorSpace = space as typeof frame.colorSpace;
    frame.colorRange = range as typeof frame.colorRange;
    return frame;
  };

  it.each(matrices)('%s, of limited and of full range, are as the frame says', (space, kr, kb) => {
    const av = ffmpeg();
    const rgb = openRgb(av);
    const sample = fc.tuple(
      fc.integer({ min: 16, max: 235 }),
      fc.integer({ min: 40, max: 216 }),
      fc.integer({ min: 40, max: 216 }),
    );
    fc.assert(
      fc.property(sample, fc.boolean(), ([y, u, v], isFull) => {
        const frame = frameOf(av, [y, u, v], av[space], isFull ? av.AVCOL_RANGE_JPEG : av.AVCOL_RANGE_MPEG);
        const picture = rgb.convert(frame);
        frame.free();
        if (typeof picture === 'number') return expect.fail();
        const [luma, chroma, zero] = isFull ? [255, 255, 0] : [219, 224, 16];
        const expected = rgbOf((y - zero) / luma, (u - 128) / chroma, (v - 128) / chroma, kr, kb);
        expected.forEach((value, c) => {
          expect(Math.abs((picture.data[c] ?? 0) - value)).toBeLessThanOrEqual(3);
        });
      }),
    );
    rgb.close();
  });
});
