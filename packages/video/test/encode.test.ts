import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, describe, expect, it } from 'vitest';
import {
  decodeFrames,
  describeVideo,
  encodeVideo,
  openDecoders,
  showVideoError,
  type VideoCodec,
} from '../src/index.js';
import { meanRgb } from './lerobot.js';
import { skipped } from './node-av.js';
import { right } from './right.js';

const folder = mkdtempSync(join(tmpdir(), 'encode-'));

const [width, height] = [64, 48];

/** A picture of one colour. */
const plain = (rgb: readonly [number, number, number]): Uint8Array =>
  Uint8Array.from({ length: width * height * 3 }, (_, i) => rgb[i % 3] ?? 0);

const refusal = async (frames: Iterable<Uint8Array>, settings = {}): Promise<unknown> => {
  const file = join(folder, 'refused.mp4');
  writeFileSync(file, 'older');
  const encoded = await encodeVideo(file, frames, { width, height, fps: 30, codec: 'h264', ...settings })();
  expect(readFileSync(file, 'utf8')).toBe('older');
  expect(existsSync(`${file}.tmp`)).toBe(false);
  if (E.isRight(encoded)) return 'encoded';
  expect(showVideoError(encoded.left)).toContain(file);
  return encoded.left;
};

describe.skipIf(skipped !== '')(`encoding${skipped}`, () => {
  const decoders = openDecoders({ threads: 1 });
  afterAll(decoders.close);

  it.each(['h264', 'av1', 'hevc'] as const)('%s: what is decoded is what was encoded', async (codec: VideoCodec) => {
    const colour = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255));
    const colours = fc.array(colour, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        colours,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        async (all, fps, gop) => {
          const file = join(folder, `${codec}.mp4`);
          const settings = { width, height, fps, codec, gop };
          expect(right(await encodeVideo(file, all.map(plain), settings)())).toBe(all.length);
          const described = right(await describeVideo(file)());
          expect(described).toMatchObject({ codec, width, height, frames: all.length });
          // Encoders begin a group earlier where a picture is another one altogether; none is longer.
          expect(
            described.keyframes
              .join('')
              .split('1')
              .every((others) => others.length < gop),
          ).toBe(true);
          described.timestamps.forEach((time, i) => {
            expect(time).toBeCloseTo(i / fps, 4.1);
          });
          const decoded = right(
            await decodeFrames(
              decoders,
              file,
              all.map((_, i) => i / fps),
            )(),
          );
          decoded.forEach((picture, i) => {
            const mean = meanRgb(picture.data, width, [0, 0, height, width]);
            mean.forEach((value, c) => {
              expect(Math.abs(value - (all[i]?.[c] ?? 0))).toBeLessThan(16);
            });
          });
        },
      ),
      { numRuns: codec === 'h264' ? 12 : 4 },
    );
  });

  it('frames that come one by one, in a group of two', async () => {
    const file = join(folder, 'deeper', 'coming.mp4');
    const coming = async function* () {
      for (let i = 0; i < 5; i++) yield plain([i * 50, 0, 0]);
    };
    expect(right(await encodeVideo(file, coming(), { width, height, fps: 10, codec: 'h264' })())).toBe(5);
    expect(right(await describeVideo(file)())).toMatchObject({ fps: 10, keyframes: Uint8Array.of(1, 0, 1, 0, 1) });
  });

  it('refuses what cannot be a video, and leaves an older file alone', async () => {
    expect(await refusal([])).toMatchObject({ _tag: 'NoFrames' });
    expect(await refusal([plain([0, 0, 0]), new Uint8Array(3)])).toMatchObject({
      _tag: 'WrongFrameBytes',
      frame: 1,
      expected: width * height * 3,
      found: 3,
    });
    expect(await refusal([plain([0, 0, 0])], { width: 63 })).toMatchObject({
      _tag: 'InvalidSetting',
      setting: 'width',
    });
    expect(await refusal([plain([0, 0, 0])], { fps: 29.97 })).toMatchObject({ _tag: 'InvalidSetting', setting: 'fps' });
    const failing = function* () {
      yield plain([0, 0, 0]);
      throw new Error('camera unplugged');
    };
    expect(await refusal(failing())).toMatchObject({ _tag: 'FramesFailed', frame: 1, cause: 'camera unplugged' });
  });
});
