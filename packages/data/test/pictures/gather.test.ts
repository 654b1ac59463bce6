import fc from 'fast-check';
import { encode } from 'fast-png';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/dataset.js';
import { showDataError } from '../../src/error.js';
import { pictureReader } from '../../src/fs/pictures.js';
import { readDataset } from '../../src/fs/read-dataset.js';
import type { PictureBatch, PictureReader } from '../../src/pictures/gather.js';
import { type Samples, samplesOf } from '../../src/sampling/samples.js';
import { resizeBytesWithPad } from '../../src/transforms/resize-bytes.js';
import { type EpisodeOnDisk, filesOf, onDisk, smallEpisode } from '../dataset-on-disk.js';
import { right } from '../right.js';
import { v3FilesOf } from '../v3-on-disk.js';

const camera = 'observation.images.top';
const [h, w] = [4, 6];

/** A picture in which every byte is told from the others. */
const pixels = (from: number): Uint8Array =>
  Uint8Array.from({ length: h * w * 3 }, (_, i) => (from * 31 + i * 3) & 255);

const png = (data: Uint8Array, channels: 1 | 3 | 4 = 3): Uint8Array =>
  encode({ width: w, height: h, data, channels, depth: 8 });

const episode = (from: number, pictures: (row: number) => Uint8Array | null): EpisodeOnDisk => ({
  ...smallEpisode(from),
  pictures: { [camera]: Array.from({ length: 3 }, (_, row) => pictures(row)) },
});

const feature = (shape: readonly number[] = [h, w, 3], dtype = 'image'): object => ({
  [camera]: { dtype, shape, names: ['height', 'width', 'channels'] },
});

const read = async (episodes: readonly EpisodeOnDisk[], features: object = feature()): Promise<Dataset> =>
  right(await readDataset(onDisk(filesOf(episodes, features)))());

const two = (): Promise<Dataset> =>
  read([episode(0, (row) => png(pixels(row))), episode(10, (row) => png(pixels(10 + row)))]);

const samples = (dataset: Dataset): Samples => right(samplesOf(dataset));

const atOnce = pictureReader(0);

const seen = async (...asked: Parameters<PictureReader>): Promise<PictureBatch> => right(await atOnce(...asked)());

/** What a reader says of pictures that it cannot give. */
const refused = async (dataset: Dataset, indices: readonly number[] = [0], name = camera): Promise<string> => {
  const found = await atOnce(samples(dataset), indices, name)();
  return E.isLeft(found) ? showDataError(found.left) : 'done';
};

const refusal = async (
  picture: (row: number) => Uint8Array | null,
  features?: object,
  indices: readonly number[] = [0, 1, 2],
): Promise<string> => {
  const found = await readDataset(onDisk(filesOf([episode(0, picture)], features ?? feature())))();
  return E.isLeft(found) ? showDataError(found.left) : refused(found.right, indices);
};

describe('pictureReader', () => {
  it('gives for each sample what its camera saw, whatever the order, with a cache and without', async () => {
    const found = samples(await two());
    const cached = pictureReader(200);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 20 }), fc.boolean(), async (indices, keeps) => {
        const { data, height, width } = right(await (keeps ? cached : atOnce)(found, indices, camera)());
        expect([height, width]).toEqual([h, w]);
        const wanted = indices.flatMap((i) => [...pixels(i < 3 ? i : 7 + i)]);
        expect([...data]).toEqual(wanted);
      }),
      { numRuns: 30 },
    );
  });

  it('resizes as resizeBytesWithPad does', async () => {
    const { data } = await seen(samples(await two()), [4], camera, [8, 8]);
    expect(data).toEqual(resizeBytesWithPad(pixels(11), [h, w], [8, 8]));
  });

  it('reads grey as its colour and leaves opacity out', async () => {
    const grey = Uint8Array.from({ length: h * w }, (_, i) => i);
    const clear = Uint8Array.from({ length: h * w * 4 }, (_, i) => i & 255);
    const dataset = await read([episode(0, (row) => (row === 0 ? png(grey, 1) : png(clear, 4)))]);
    const { data } = await seen(samples(dataset), [0, 1], camera);
    expect([...data.subarray(3, 6), ...data.subarray(h * w * 3, h * w * 3 + 6)]).toEqual([1, 1, 1, 0, 1, 2, 4, 5, 6]);
  });

  it('takes shapes with the channels first', async () => {
    expect(await refusal((row) => png(pixels(row)), feature([3, h, w]))).toBe('done');
  });
});

describe('a picture among many', () => {
  it('is found in whatever pages, groups and encodings its file has', async () => {
    const storage = fc.record({
      rows: fc.integer({ min: 1, max: 40 }),
      kinds: fc.integer({ min: 1, max: 40 }),
      pageSize: fc.integer({ min: 60, max: 4000 }),
      rowGroupSize: fc.integer({ min: 1, max: 50 }),
      codec: fc.constantFrom('SNAPPY' as const, 'UNCOMPRESSED' as const),
    });
    await fc.assert(
      fc.asyncProperty(storage, async ({ rows, kinds, ...options }) => {
        const pictures = { [camera]: Array.from({ length: rows }, (_, row) => png(pixels(row % kinds))) };
        const dataset = await read([{ ...smallEpisode(0, rows), pictures, options }]);
        const order = Array.from({ length: rows }, (_, i) => (i * 7) % rows);
        const { data } = await seen(samples(dataset), order, camera);
        expect([...data]).toEqual(order.flatMap((row) => [...pixels(row % kinds)]));
      }),
      { numRuns: 30 },
    );
  });

  it('is the one of its own episode where a file holds several', async () => {
    const both = [episode(0, (row) => png(pixels(row))), episode(10, (row) => png(pixels(10 + row)))];
    const root = onDisk(v3FilesOf(both, undefined, feature()));
    const { data } = await seen(samples(right(await readDataset(root)())), [4], camera);
    expect([...data]).toEqual([...pixels(11)]);
  });
});

describe('a picture that is wrong stops with dataset, episode, frame and camera', () => {
  const place = /torsor-data-\w+: the picture observation\.images\.top of episode 0, frame 1 /;

  it('cut short, changed, empty, or no picture', async () => {
    const whole = png(pixels(1));
    const changed = Uint8Array.from(whole, (byte, i) => (i === whole.length - 20 ? byte ^ 1 : byte));
    const cases: readonly Uint8Array[] = [whole.subarray(0, 50), changed, new Uint8Array(0), Uint8Array.of(1, 2, 3)];
    for (const bad of cases) {
      const message = await refusal((row) => (row === 1 ? bad : png(pixels(row))));
      expect(message).toMatch(place);
      expect(message).toContain('cannot be decoded');
    }
  });

  it('of another size than declared, before it is decoded', async () => {
    const huge = png(pixels(1)).slice();
    new DataView(huge.buffer).setUint32(16, 4_000_000);
    const message = await refusal((row) => (row === 1 ? huge : png(pixels(row))));
    expect(message).toMatch(place);
    expect(message).toContain('is 4x4000000 pixels (height x width), where meta/info.json gives the camera 4x6');
  });

  it('missing', async () => {
    expect(await refusal((row) => (row === 1 ? null : png(pixels(row))))).toContain(`column ${camera}, row 1`);
  });

  it('never decodes to pixels when some bytes of it are others', async () => {
    const whole = png(pixels(3));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bad = Uint8Array.from(whole, (byte, i) => (i === at ? byte ^ flip : byte));
        expect(await refusal(() => bad)).not.toBe('done');
      }),
      { numRuns: 20 },
    );
  });
});

describe('a camera without pictures', () => {
  it('was read without them where it was asked for', async () => {
    const root = onDisk(filesOf([episode(0, () => null)], feature()));
    const dataset = right(await readDataset(root, { pictures: false })());
    expect(dataset.cameras).toEqual([camera]);
    expect(await refused(dataset)).toContain('it was not read');
  });

  it('is refused with the nearest', async () => {
    expect(await refused(await two(), [0], 'observation.images.tob')).toBe(
      'There are no pictures observation.images.tob. The nearest is observation.images.top.',
    );
  });

  it('is refused where it is a video, with the flag that trains without it', async () => {
    const files = filesOf([smallEpisode()], feature([h, w, 3], 'video'));
    const video = `videos/chunk-000/${camera}/episode_000000.mp4`;
    const dataset = right(await readDataset(onDisk({ ...files, [video]: '' }))());
    const message = await refused(dataset);
    expect(message).toContain(`videos/chunk-{episode_chunk:03d}/${camera}/episode_{episode_index:06d}.mp4`);
    expect(message).toContain('Videos are decoded by @torsor/video');
    expect(message).toContain(`withoutCameras ["${camera}"] leaves`);
  });

  it('is refused where its shape is no picture', async () => {
    expect(await refusal((row) => png(pixels(row)), feature([h, w]))).toContain(`features.${camera}.shape`);
  });

  it('is refused where the column holds no pictures', async () => {
    const files = filesOf([smallEpisode()], feature());
    const found = await readDataset(onDisk(files))();
    expect(E.isLeft(found) ? showDataError(found.left) : '').toContain(`no column ${camera}`);
  });
});
