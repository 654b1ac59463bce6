import { describe, expect, it } from 'vitest';
import { type PictureSettings, picturesOf, showPictures, withoutAbsent } from '../../src/index.js';

const model = { cameras: ['base', 'left', 'right'], imageSize: [32, 48] } as const;

const settings = (
  cameras: PictureSettings['data']['cameras'],
  more: Partial<PictureSettings['data']> = {},
): PictureSettings => ({ model, data: { cameras, augment: false, jitter: 'full', ...more } });

describe('picturesOf', () => {
  it('gives the cameras that have features theirs, in the order of the model, and the others none', () => {
    const cameras = { right: 'observation.images.r', base: 'observation.images.b', left: null };
    expect(picturesOf(settings(cameras))).toEqual({
      features: { base: 'observation.images.b', right: 'observation.images.r' },
      absent: ['left'],
      size: [32, 48],
      augment: null,
    });
    expect(Object.keys(picturesOf(settings(cameras)).features)).toEqual(['base', 'right']);
  });

  it('a camera that nothing is said of is absent, and one that the model lacks is nothing', () => {
    expect(picturesOf(settings({ base: 'b', top: 't' }))).toMatchObject({
      features: { base: 'b' },
      absent: ['left', 'right'],
    });
  });

  it('are varied where that is wanted and there are any', () => {
    expect(picturesOf(settings({ base: 'b' }, { augment: true, jitter: 'openpi' })).augment).toBe('openpi');
    expect(picturesOf(settings({ base: 'b' }, { augment: true })).augment).toBe('full');
    expect(picturesOf(settings({ base: 'b' })).augment).toBeNull();
    expect(picturesOf(settings({ base: null }, { augment: true })).augment).toBeNull();
    expect(picturesOf(settings({}, { augment: true })).augment).toBeNull();
  });
});

it('a policy without absent cameras is otherwise the same', () => {
  const pictures = picturesOf(settings({ base: 'b', right: 'r' }));
  expect(withoutAbsent({ cameras: model.cameras, depth: 2 }, pictures)).toEqual({
    cameras: ['base', 'right'],
    depth: 2,
  });
});

it.each([
  [{}, {}, 'base absent, left absent, right absent; 32x48, not augmented'],
  [{ left: 'x' }, {}, 'left from x, base absent, right absent; 32x48, not augmented'],
  [
    { base: 'x', left: 'y', right: 'z' },
    { augment: true },
    'base from x, left from y, right from z; 32x48, augmented in training by crop, turn and full colour jitter',
  ],
  [
    { base: 'x', left: 'y', right: 'z' },
    { augment: true, jitter: 'openpi' },
    'base from x, left from y, right from z; 32x48, augmented in training by crop, turn and ' +
      "openpi's colour jitter, which leaves saturation",
  ],
] as const)('pictures of %j %j in words', (cameras, more, words) => {
  expect(showPictures(picturesOf(settings(cameras, more)))).toBe(words);
});

it('no word is said of pictures where there is no camera', () => {
  expect(showPictures({ features: {}, absent: [], size: [32, 48], augment: null })).toBeNull();
});
