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
});
