import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guessCameras } from '../../src/dataset/camera-names.js';

const openpi = ['base_0_rgb', 'left_wrist_0_rgb', 'right_wrist_0_rgb'];

describe('guessCameras', () => {
  it('means no camera of the dataset twice, and none that is not there', () => {
    const names = fc.uniqueArray(fc.constantFrom(...openpi, 'top', 'wrist', 'cam_left', 'cam_right_hand', 'x'));
    fc.assert(
      fc.property(names, names, (cameras, features) => {
        const meant = guessCameras(cameras, features).flatMap(({ nearest }) => (nearest === null ? [] : [nearest]));
        expect(new Set(meant).size).toBe(meant.length);
        expect(meant.every((feature) => features.includes(feature))).toBe(true);
      }),
    );
  });

  // The keys of openpi's own pipelines: policies/aloha_policy.py, training/config.py LeRobotLiberoDataConfig (15a9616).
  it.each([
    [
      'ALOHA',
      ['observation.images.cam_right_wrist', 'observation.images.cam_high', 'observation.images.cam_left_wrist'],
      ['observation.images.cam_high', 'observation.images.cam_left_wrist', 'observation.images.cam_right_wrist'],
    ],
    ['ALOHA in simulation', ['observation.images.top'], ['observation.images.top', null, null]],
    ['LIBERO', ['image', 'wrist_image'], ['image', 'wrist_image', null]],
  ])('%s', (_, features, expected) => {
    expect(guessCameras(openpi, features).map(({ nearest }) => nearest)).toEqual(expected);
  });

  it.each<[string, readonly string[], string | null]>([
    ['the name that says the same place and no other, wherever it stands', ['left_top', 'top'], 'top'],
    ['the same of the other order', ['top', 'left_top'], 'top'],
    ['the only camera of a dataset', ['observation.image'], 'observation.image'],
    ['the only one in a folder of images', ['observation.image.image'], 'observation.image.image'],
    ['none that says another place too', ['cam_right_top_wrist'], null],
    ['none that says nothing', ['qqq'], null],
    ['one that is spelled nearly the same', ['qqq', 'base_0_rgbd'], 'base_0_rgbd'],
  ])('means %s', (_, features, expected) => {
    expect(guessCameras(['base_0_rgb'], features)).toEqual([{ camera: 'base_0_rgb', nearest: expected }]);
  });

  it('means nothing where neither name says a place', () => {
    expect(guessCameras(['zzz'], ['qqq'])).toEqual([{ camera: 'zzz', nearest: null }]);
  });
});
