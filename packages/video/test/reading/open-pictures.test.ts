import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dataset, encodedPictures, type PictureBatch } from '@torsor/data';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, describe, expect, it } from 'vitest';
import { type Decoders, openDecoders, openPictures, showVideoError, type VideoError } from '../../src/index.js';
import { datasetOf, fixtures } from '../lerobot.js';
import { skipped } from '../node-av.js';
import { right } from '../right.js';

const camera = 'observation.images.wrist';

const readers: { readonly close: () => Promise<void> }[] = [];
const opened = (...args: Parameters<typeof openPictures>): ReturnType<typeof openPictures> => {
  const reader = openPictures(...args);
  readers.push(reader);
  return reader;
};
afterAll(() => Promise.all(readers.map(({ close }) => close())));

/** Frames of any episode, some of them twice. */
const framesOf = ({ episodes }: Dataset) =>
  fc.array(
    fc
      .constantFrom(...episodes)
      .chain(({ index, length }) => fc.record({ episode: fc.constant(index), frame: fc.nat(length - 1) })),
    { maxLength: 12 },
  );

const size = fc.constantFrom(undefined, [20, 20] as const, [64, 48] as const);

/** Compared as a text: arrays are compared element by element. */
const textOf = ({ data, height, width }: PictureBatch): string =>
  `${height} ${width} ${createHash('sha256').update(data).digest('hex')}`;

const names = skipped === '' ? ['v3-rollover', 'v3-images'] : ['v3-images'];

describe.each(names)(`the pictures of %s${skipped}`, (name) => {
  it('threads, caches and what else is read change nothing', async () => {
    const dataset = await datasetOf(name);
    const plain = opened(dataset, { threads: 1 });
    const others = [opened(dataset, { threads: 3 }), opened(dataset, { threads: 2, cacheBytes: 40_000 })];
    others.push(opened(dataset, { threads: 1, cacheBytes: 2 ** 24 }));
    await fc.assert(
      fc.asyncProperty(framesOf(dataset), framesOf(dataset), size, async (frames, more, wanted) => {
        const one = await plain.read(camera, frames, wanted)();
        for (const reader of others) {
          const [prefetched, read] = await Promise.all([
            reader.prefetch(camera, more, wanted)(),
            reader.read(camera, frames, wanted)(),
          ]);
          right(prefetched);
          expect(textOf(right(read))).toBe(textOf(right(one)));
        }
        const { data, height, width } = right(one);
        expect(data.length).toBe(frames.length * height * width * 3);
        expect([height, width]).toEqual(wanted ?? [height, width]);
      }),
      { numRuns: 25 },
    );
  });
});

/** Decoders that write down which times of which file, or how many images, they are asked for. */
const listening = (heard: unknown[]): Decoders => {
  const decoders = openDecoders({ threads: 1 });
  readers.push(decoders);
  return {
    ...decoders,
    frames: (file, times, sizes) => {
      heard.push(...times);
      return decoders.frames(file, times, sizes);
    },
    images: (images, sizes) => {
      heard.push(...images.map(() => 'image'));
      return decoders.images(images, sizes);
    },
  };
};

describe.each(names)(`pictures of %s that are asked for twice${skipped}`, (name) => {
  it('at once are decoded once; later from the cache, and without one again', async () => {
    const dataset = await datasetOf(name);
    const [cached, uncached]: [unknown[], unknown[]] = [[], []];
    const frames = [3, 4, 3].map((frame) => ({ episode: 0, frame }));
    for (const [heard, cacheBytes] of [
      [cached, 2 ** 24],
      [uncached, 0],
    ] as const) {
      const reader = opened(dataset, { decoders: listening(heard), cacheBytes });
      const [read, prefetched] = await Promise.all([reader.read(camera, frames)(), reader.prefetch(camera, frames)()]);
      right(read);
      right(prefetched);
      expect(heard.length).toBe(2);
      right(await reader.read(camera, frames)());
      right(await reader.read(camera, frames, [9, 9])());
    }
    expect([cached.length, uncached.length]).toEqual([4, 6]);
  });
});

const sentence = (answer: E.Either<unknown, unknown>): string =>
  E.isLeft(answer) ? showVideoError(answer.left as VideoError) : 'right';

describe.skipIf(skipped !== '')(`a picture that cannot be read${skipped}`, () => {
  it('takes no other one with it', async () => {
    const dataset = await datasetOf('v3-h264');
    const [first] = dataset.episodes;
    if (first === undefined) return expect.fail();
    // Frame 7 claims to have been recorded between two frames.
    const timestamp = first.timestamp.map((time, frame) => (frame === 7 ? time + 0.02 : time));
    const reader = opened({ ...dataset, episodes: [{ ...first, timestamp }] }, { threads: 1 });
    const [all, some] = await Promise.all([
      reader.read(
        camera,
        [6, 7, 8].map((frame) => ({ episode: 0, frame })),
      )(),
      reader.read(
        camera,
        [6, 8].map((frame) => ({ episode: 0, frame })),
      )(),
    ]);
    right(some);
    expect(all).toMatchObject({
      left: { _tag: 'NoFrameAtTime', nearest: 0.35, place: { dataset: dataset.root, episode: 0, frame: 7, camera } },
    });
    expect(sentence(all)).toContain(`${dataset.root}: the picture ${camera} of episode 0, frame 7: `);
  });

  it('is named: no such episode, frame, camera or size', async () => {
    const dataset = await datasetOf('v3-h264');
    const reader = opened(dataset, { threads: 1 });
    expect(await reader.read(camera, [{ episode: 9, frame: 0 }])()).toMatchObject({
      left: { _tag: 'UnknownEpisode', episode: 9, available: 3 },
    });
    expect(await reader.read(camera, [{ episode: 0, frame: 25 }])()).toMatchObject({
      left: { _tag: 'FrameOutOfRange', length: 25, place: { episode: 0, frame: 25 } },
    });
    expect(await reader.read('wrist', [])()).toMatchObject({ left: { _tag: 'UnknownPictures', camera: 'wrist' } });
    expect(await reader.read(camera, [], [0, 5])()).toMatchObject({ left: { _tag: 'ShapeMismatch' } });
    const smaller = { dtype: 'video', shape: [32, 64, 3], names: [], note: null } as const;
    const other = opened({ ...dataset, features: new Map([[camera, smaller]]) }, { threads: 1 });
    expect(await other.read(camera, [{ episode: 0, frame: 0 }])()).toMatchObject({
      left: { _tag: 'WrongVideoSize', expected: [32, 64], found: [64, 64], place: { camera } },
    });
  });

  it('is outside of its episode, or of an episode without videos', async () => {
    const dataset = await datasetOf('v3-h264');
    const [first] = dataset.episodes;
    const place = first?.videos.get(camera);
    if (first === undefined || place === undefined) return expect.fail();
    const short = { ...first, videos: new Map([[camera, { ...place, to: 0.5 }]]) };
    const none = { ...first, index: 1, videos: new Map() };
    const reader = opened({ ...dataset, episodes: [short, none] }, { threads: 1 });
    expect(await reader.read(camera, [{ episode: 0, frame: 20 }])()).toMatchObject({
      left: { _tag: 'OutsideEpisode', time: 1, from: 0, to: 0.5 },
    });
    expect(await reader.read(camera, [{ episode: 1, frame: 0 }])()).toMatchObject({
      left: { _tag: 'NoVideoOfEpisode' },
    });
  });

  it('is missing, and then is there; is decoded anew when its file is another one', async () => {
    const root = mkdtempSync(join(tmpdir(), 'changing-'));
    cpSync(`${fixtures}/v3-h264`, root, { recursive: true });
    const dataset = await datasetOf('v3-h264');
    const reader = opened({ ...dataset, root }, { threads: 1 });
    const file = join(root, `videos/${camera}/chunk-000/file-000.mp4`);
    const read = () => reader.read(camera, [{ episode: 0, frame: 0 }])();
    const before = right(await read());
    const bytes = readFileSync(file);
    rmSync(file);
    expect(await read()).toMatchObject({ left: { _tag: 'MissingVideo', file } });
    writeFileSync(file, bytes);
    appendFileSync(file, Buffer.alloc(16));
    expect(right(await read())).toEqual(before);
    await reader.close();
    expect(await read()).toMatchObject({ left: { _tag: 'DecodersClosed' } });
  });
});

describe('an image that cannot be read', () => {
  it('is named, and takes no other one with it', async () => {
    const whole = await datasetOf('v3-images');
    const [first] = whole.episodes;
    const rows = first?.pictures.get(camera);
    if (first === undefined || rows === undefined) return expect.fail();
    const root = mkdtempSync(join(tmpdir(), 'torsor-video-'));
    cpSync(whole.root, root, { recursive: true });
    const file = join(root, rows.file);
    const bytes = readFileSync(file);
    const png = right(await encodedPictures()(root, rows, camera, 2)());
    // Pixels of a PNG are compressed already, and so lie in the file as they are.
    const at = bytes.indexOf(png.subarray(60, 76));
    expect(at).toBeGreaterThan(0);
    bytes[at + 8] = (bytes[at + 8] ?? 0) ^ 0xff;
    writeFileSync(file, bytes);
    const dataset = { ...whole, root };
    const episodes = [first, { ...first, index: 1, pictures: new Map() }];
    const reader = opened({ ...dataset, episodes }, { threads: 1 });
    const [bad, good] = await Promise.all([
      reader.read(
        camera,
        [1, 2].map((frame) => ({ episode: 0, frame })),
      )(),
      reader.read(camera, [{ episode: 0, frame: 1 }])(),
    ]);
    right(good);
    expect(bad).toMatchObject({ left: { _tag: 'UndecodableImage', place: { episode: 0, frame: 2, camera } } });
    expect(sentence(bad)).toContain(`the picture ${camera} of episode 0, frame 2: it cannot be decoded (damaged PNG`);
    expect(sentence(await reader.read(camera, [{ episode: 1, frame: 0 }])())).toContain('read without its pictures');
  });
});
