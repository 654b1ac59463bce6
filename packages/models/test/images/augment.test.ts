import { key } from '@torsor/random';
import { fromFloat64, type TensorValue, tensorType } from '@torsor/tensor';
import { flatten, type Tree } from '@torsor/tree';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  augmentationInputs,
  augmentationTypes,
  augmentImages,
  checkImages,
  isWristCamera,
  preprocessImages,
  showModelError,
} from '../../src/index.js';
import { evaluated, real, worst } from './evaluated.js';

const cameras = ['base_0_rgb', 'left_wrist_0_rgb', 'right_wrist_0_rgb'] as const;
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });

const typesOf = (tree: unknown) => flatten(tree as Tree<TensorValue>).map(({ path, leaf }) => [path, leaf.type]);

describe('augmentationInputs', () => {
  it('have the types that a program expects, within the bounds of openpi', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 5 }), (s, batch) => {
        const drawn = augmentationInputs(key(s), batch, cameras, [40, 60]);
        const types = flatten(augmentationTypes(cameras, batch) as Tree<TensorValue['type']>);
        expect(typesOf(drawn)).toEqual(types.map(({ path, leaf }) => [path, leaf]));
        const bounds = { centerY: 1, centerX: 1.5, theta: (5 * Math.PI) / 180, brightness: 0.3, contrast: 0.4 };
        for (const { path, leaf } of flatten(drawn as Tree<TensorValue>)) {
          const bound = Object.entries({ ...bounds, hue: 0.1, saturation: 0.5 }).find(([name]) => path.endsWith(name));
          for (const value of leaf.data) expect(Math.abs(value)).toBeLessThanOrEqual((bound?.[1] ?? 1) + 1e-6);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('of a sample do not depend on the batch, and cameras of one kind share them', () => {
    fc.assert(
      fc.property(seed, (s) => {
        const [one, three] = [1, 3].map((batch) => augmentationInputs(key(s), batch, cameras, [20, 20]));
        expect(one?.jitter['base_0_rgb']?.hue.data[0]).toBe(three?.jitter['base_0_rgb']?.hue.data[0]);
        expect(three?.jitter['left_wrist_0_rgb']).toEqual(three?.jitter['right_wrist_0_rgb']);
      }),
      { numRuns: 20 },
    );
  });

  it('give wrist cameras no geometry', () => {
    expect(cameras.filter(isWristCamera)).toEqual(['left_wrist_0_rgb', 'right_wrist_0_rgb']);
    expect(Object.keys(augmentationInputs(key(0), 1, cameras, [8, 8]).geometry)).toEqual(['base_0_rgb']);
  });
});

describe('augmentImages', () => {
  const [b, h, w] = [3, 4, 5];
  const image = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: b * h * w * 3,
    maxLength: b * h * w * 3,
  });

  it('does not mix samples, and keeps them in [-1, 1]', () => {
    fc.assert(
      fc.property(image, image, seed, (x, other, s) => {
        const inputs = augmentationInputs(key(s), b, ['base_0_rgb'], [h, w]);
        const run = (data: readonly number[]) =>
          evaluated({ images: { base_0_rgb: real([b, h, w, 3], data) }, inputs }, (given) => {
            const images = preprocessImages(given.images, [h, w]);
            return { y: augmentImages(images, given.inputs)['base_0_rgb'] ?? given.images['base_0_rgb'] };
          }).get('y') ?? [];
        const size = h * w * 3;
        const mixed = [...x.slice(0, size), ...other.slice(size)];
        expect(run(mixed).slice(0, size)).toEqual(run(x).slice(0, size));
        for (const value of run(x)) expect(Math.abs(value)).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 20 },
    );
  });

  it('leaves cameras without inputs as they are', () => {
    fc.assert(
      fc.property(image, (x) => {
        const out = evaluated({ a: real([b, h, w, 3], x) }, (images) => ({
          ...augmentImages(images, { geometry: {}, jitter: {} }),
        }));
        expect(out.get('a')).toEqual(x);
      }),
      { numRuns: 20 },
    );
  });
});

describe('preprocessImages', () => {
  it('maps bytes to [-1, 1] and pads with black', () => {
    const a = fromFloat64(tensorType('i32', [1, 1, 1, 3]), [0, 51, 255]);
    const out = evaluated({ a }, (images) => ({ ...preprocessImages(images, [2, 1], 'f64') }));
    expect(worst(out.get('a'), [-1, -0.6, 1, -1, -1, -1])).toBeLessThanOrEqual(1e-12);
  });
});

describe('checkImages', () => {
  const rgb = tensorType('f32', [2, 8, 8, 3]);
  const messages = (images: Parameters<typeof checkImages>[1]): readonly string[] => {
    const checked = checkImages(['base_0_rgb', 'wrist_0_rgb'], images);
    return E.isLeft(checked) ? checked.left.map(showModelError) : [];
  };

  it('accepts pictures of the cameras of the policy', () => {
    expect(messages({ base_0_rgb: rgb, wrist_0_rgb: rgb })).toEqual([]);
  });

  it('names a wrong camera, with the nearest', () => {
    expect(messages({ base_0_rgb: rgb, wirst_0_rgb: rgb })).toEqual([
      'model.images.wrist_0_rgb is missing; the nearest given is wirst_0_rgb',
      'model.images.wirst_0_rgb is no camera of the policy; the nearest of the policy is wrist_0_rgb',
    ]);
  });

  it('names a wrong shape, batch and dtype', () => {
    expect(messages({ base_0_rgb: rgb, wrist_0_rgb: tensorType('f32', [2, 3, 8, 8]) })).toEqual([
      'model.images.wrist_0_rgb must be [b, h, w, 3], got [2, 3, 8, 8]',
    ]);
    expect(messages({ base_0_rgb: rgb, wrist_0_rgb: tensorType('f32', [1, 8, 8, 3]) })).toEqual([
      'model.images.wrist_0_rgb must have 2 samples as the other cameras, got 1',
    ]);
    expect(messages({ base_0_rgb: rgb, wrist_0_rgb: tensorType('bool', [2, 8, 8, 3]) })).toEqual([
      'model.images.wrist_0_rgb must be bytes or real numbers, got bool',
    ]);
  });
});
