import { samplesOf } from '@torsor/data';
import { augmentationInputs } from '@torsor/models';
import { foldIn, key } from '@torsor/random';
import { describe, expect, it } from 'vitest';
import { drawAugmentation, gatherCameras, probeCameras } from '../../src/batches/pictures.js';
import { colours, seeingDataset } from '../recorded-dataset.js';
import { done, right } from '../right.js';

const pictures = { features: { base: 'top', wrist: 'hand' }, absent: [], size: [1, 2], augment: 'full' } as const;

/** `n` pixels of one colour. */
const pixels = (n: number, ...rgb: number[]): Uint8Array =>
  Uint8Array.from({ length: 3 * n }, (_, i) => rgb[i % 3] ?? 0);

describe('gatherCameras', () => {
  const samples = right(samplesOf(seeingDataset([3])));

  it('gives each camera of the model what its feature saw, in the size of the model', async () => {
    const seen = await done(gatherCameras(colours, pictures, samples, [0, 2]));
    const wide = (pixel: Uint8Array): Uint8Array => Uint8Array.from([...pixel, 0, 0, 0, ...pixel, 0, 0, 0]);
    expect(seen).toEqual({ base: wide(pixels(1, 255, 0, 0)), wrist: wide(pixels(1, 0, 255, 0)) });
  });

  it('gives nothing for no cameras, and refuses one that was not read', async () => {
    expect(await done(gatherCameras(colours, { ...pictures, features: {} }, samples, [0]))).toEqual({});
    const other = { ...pictures, features: { base: 'top', wrist: 'tail' } };
    expect(await gatherCameras(colours, other, samples, [0])()).toMatchObject({
      left: { _tag: 'UnknownPictures', camera: 'tail' },
    });
  });
});

describe('probeCameras', () => {
  const samples = right(samplesOf(seeingDataset([3])));

  it('reads the first sample of each camera alone', async () => {
    const asked: unknown[] = [];
    const read: typeof colours = (of, indices, camera, size) => {
      asked.push([Array.from(indices), camera, size]);
      return colours(of, indices, camera, size);
    };
    await done(probeCameras(read, pictures, samples));
    expect(asked).toEqual([
      [[0], 'top', [1, 2]],
      [[0], 'hand', [1, 2]],
    ]);
    const other = { ...pictures, features: { base: 'tail' } };
    expect(await probeCameras(colours, other, samples)()).toMatchObject({ left: { _tag: 'UnknownPictures' } });
  });
});

describe('drawAugmentation', () => {
  it('draws from stream 2 of the update’s own key', () => {
    // Updates have stream 2 of the seed: docs/design.md.
    const update = foldIn(foldIn(key(7), 2), 5);
    const expected = augmentationInputs(foldIn(update, 2), 3, ['base', 'wrist'], [1, 2]);
    expect(drawAugmentation(pictures, 7, 5, 3)).toEqual(expected);
  });

  it('draws nothing where nothing varies', () => {
    expect(drawAugmentation({ ...pictures, augment: null }, 7, 5, 3)).toBeNull();
  });
});
