import { pictureCache, samplesOf } from '@torsor/data';
import { augmentationInputs } from '@torsor/models';
import { foldIn, key } from '@torsor/random';
import { describe, expect, it } from 'vitest';
import { drawAugmentation, gatherCameras } from '../../src/batches/pictures.js';
import { seeingDataset } from '../recorded-dataset.js';
import { right } from '../right.js';

const pictures = { features: { base: 'top', wrist: 'hand' }, absent: [], size: [1, 2], augment: 'full' } as const;

/** `n` pixels of one colour. */
const pixels = (n: number, ...rgb: number[]): Uint8Array =>
  Uint8Array.from({ length: 3 * n }, (_, i) => rgb[i % 3] ?? 0);

describe('gatherCameras', () => {
  const samples = right(samplesOf(seeingDataset([3])));

  it('gives each camera of the model what its feature saw, in the size of the model', () => {
    // One pixel in a picture of two: the other stays black.
    const seen = right(gatherCameras(pictures, samples, [0, 2], pictureCache(0)));
    const wide = (pixel: Uint8Array): Uint8Array => Uint8Array.from([...pixel, 0, 0, 0, ...pixel, 0, 0, 0]);
    expect(seen).toEqual({ base: wide(pixels(1, 255, 0, 0)), wrist: wide(pixels(1, 0, 255, 0)) });
  });

  it('keeps what it decoded', () => {
    const put: string[] = [];
    const cache = { ...pictureCache(0), put: (name: string) => void put.push(name) };
    right(gatherCameras(pictures, samples, [0, 2], cache));
    expect(put).toHaveLength(4);
  });

  it('gives nothing for no cameras, and refuses one that was not read', () => {
    expect(right(gatherCameras({ ...pictures, features: {} }, samples, [0], pictureCache(0)))).toEqual({});
    const other = { ...pictures, features: { base: 'top', wrist: 'tail' } };
    expect(gatherCameras(other, samples, [0], pictureCache(0))).toMatchObject({
      left: { _tag: 'UnknownPictures', camera: 'tail' },
    });
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
