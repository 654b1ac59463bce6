import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeFrames, describeVideo, openDecoders } from '../src/index.js';
import { codeIn, fixtures } from './lerobot.js';
import { skipped } from './node-av.js';
import { right } from './right.js';

const files = {
  av1: `${fixtures}/v3-tworobots/videos/observation.images.front/chunk-000/file-000.mp4`,
  h264: `${fixtures}/v3-h264/videos/observation.images.front/chunk-000/file-000.mp4`,
} as const;

describe.skipIf(skipped !== '')(`a video of LeRobot${skipped}`, () => {
  const decoders = openDecoders({ threads: 1 });
  afterAll(decoders.close);

  it.each([
    ['av1', 239],
    ['h264', 96],
  ] as const)('%s is described without decoding', async (codec, frames) => {
    const description = right(await describeVideo(files[codec])());
    expect(description).toMatchObject({ codec, width: 128, height: 96, fps: 20, frames, file: files[codec] });
    expect(description.duration).toBeCloseTo(frames / 20, 9);
    expect(description.timestamps).toEqual(Float64Array.from({ length: frames }, (_, i) => i / 20));
    // Groups of two; a file is joined from recordings, of which each begins with a group.
    expect(description.keyframes.slice(0, 6)).toEqual(Uint8Array.of(1, 0, 1, 0, 1, 0));
    expect(description.keyframes.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(frames / 2);
  });

  it.each(['av1', 'h264'] as const)('%s: a frame depends on its own time alone', async (codec) => {
    const { timestamps } = right(await describeVideo(files[codec])());
    const all = right(await decodeFrames(decoders, files[codec], [...timestamps])());
    all.forEach(({ data, width }, i) => {
      expect(codeIn(data, width) & 4095).toBe(i);
    });
    const time = fc.tuple(fc.nat(timestamps.length - 1), fc.double({ min: -9e-5, max: 9e-5, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(fc.array(time, { minLength: 1, maxLength: 8 }), async (asked) => {
        const times = asked.map(([i, beside]) => (timestamps[i] ?? 0) + beside);
        const pictures = right(await decodeFrames(decoders, files[codec], times)());
        pictures.forEach(({ data }, row) => {
          expect(Buffer.compare(data, all[asked[row]?.[0] ?? 0]?.data ?? data)).toBe(0);
        });
      }),
      { numRuns: 40 },
    );
  });

  it.each(['av1', 'h264'] as const)('%s: a time without a frame is refused, with the nearest one', async (codec) => {
    const { timestamps } = right(await describeVideo(files[codec])());
    const last = timestamps.at(-1) ?? 0;
    const between = fc.tuple(fc.nat(timestamps.length - 2), fc.double({ min: 0.01, max: 0.99, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(between, async ([i, part]) => {
        const [before, after] = [timestamps[i] ?? 0, timestamps[i + 1] ?? 0];
        const time = before + part * (after - before);
        const answers = await decoders.frames(files[codec], [time, before]);
        expect(answers[0]).toMatchObject({ left: { _tag: 'NoFrameAtTime', time, tolerance: 1e-4 } });
        const { nearest } = (answers[0] as { readonly left: { readonly nearest: number } }).left;
        expect([before, after]).toContain(nearest);
        expect(answers[1]).toMatchObject({ _tag: 'Right' });
      }),
      { numRuns: 30 },
    );
    const beyond = await decoders.frames(files[codec], [last + 0.05, -0.05, last]);
    expect(beyond[0]).toEqual(
      E.left({ _tag: 'NoFrameAtTime', file: files[codec], time: last + 0.05, nearest: last, tolerance: 1e-4 }),
    );
    expect(beyond[1]).toEqual(
      E.left({ _tag: 'NoFrameAtTime', file: files[codec], time: -0.05, nearest: 0, tolerance: 1e-4 }),
    );
    expect(E.isRight(beyond[2] ?? E.left(0))).toBe(true);
  });
});
