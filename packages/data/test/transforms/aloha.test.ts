import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  applyTransforms,
  type DataDict,
  gripperFromAngular,
  gripperFromAngularInv,
  gripperToAngular,
  NdArray,
  showTransformError,
  type Transform,
  type TransformError,
} from '../../src/index.js';
import { reals } from './samples.js';

const right = <A>(result: E.Either<TransformError, A>): A => {
  if (E.isLeft(result)) throw new Error(showTransformError(result.left));
  return result.right;
};

const message = (transform: Transform, dict: DataDict): string =>
  E.match(showTransformError, () => 'accepted')(applyTransforms([transform])(dict));

const apply = (dict: DataDict, ...transforms: readonly Transform[]): DataDict =>
  right(applyTransforms(transforms)(dict));

const stateToPi: Transform = { kind: 'AlohaToPi', key: 'state' };
const actionsToPi: Transform = { kind: 'AlohaToPi', key: 'actions' };

const picture = (b: number): DataDict => ({ cam_high: new NdArray('uint8', [b, 3, 1, 1], new Uint8Array(3 * b)) });

const batch = fc
  .integer({ min: 1, max: 3 })
  .chain((b) =>
    fc.record(
      { images: fc.constant(picture(b)), state: reals([b, 14]), actions: reals([b, 2, 14]) },
      { requiredKeys: ['images', 'state'] },
    ),
  )
  .map((dict): DataDict => ({ ...dict }));

describe('the parts of openpi that adapt to its own robots', () => {
  it('are the steps for states and for actions, after the robot and before it', () => {
    fc.assert(
      fc.property(batch, reals([2, 3, 16]), (dict, sampled) => {
        expect(apply(dict, { kind: 'AlohaInputs', adaptToPi: true })).toEqual(
          apply(dict, { kind: 'AlohaInputs', adaptToPi: false }, stateToPi, actionsToPi),
        );
        expect(apply({ actions: sampled }, { kind: 'AlohaOutputs', adaptToPi: true })).toEqual(
          apply({ actions: sampled }, { kind: 'AlohaOutputs', adaptToPi: false }, { kind: 'AlohaFromPi' }),
        );
      }),
    );
  });

  it('turn the joints that openpi counts the other way, and map grippers', () => {
    // openpi `policies/aloha_policy.py` `_joint_flip_mask` (15a9616)
    const flips = [1, -1, -1, 1, 1, 1, 1, 1, -1, -1, 1, 1, 1, 1];
    const isGripper = (i: number): boolean => i === 6 || i === 13;
    fc.assert(
      fc.property(reals([1, 14]), reals([1, 2, 14]), (state, actions) => {
        const made = apply({ state, actions }, stateToPi, actionsToPi, { kind: 'AlohaFromPi' });
        const expected = Array.from(state.data, (x, i) => (isGripper(i) ? gripperToAngular(x) : x * (flips[i] ?? 0)));
        expect(made['state']).toEqual(new NdArray('float64', [1, 14], Float64Array.from(expected)));
        const pi = Array.from(actions.data, (x, i) =>
          isGripper(i % 14) ? gripperFromAngularInv(x) : x * (flips[i % 14] ?? 0),
        );
        expect(apply({ state, actions }, actionsToPi)['actions']).toEqual(
          new NdArray('float64', [1, 2, 14], Float64Array.from(pi)),
        );
        const back = Float64Array.from(pi, (x, i) =>
          isGripper(i % 14) ? gripperFromAngular(x) : x * (flips[i % 14] ?? 0),
        );
        expect(made['actions']).toEqual(new NdArray('float64', [1, 2, 14], back));
      }),
    );
  });

  it('leave what they are not of, and a robot at work without actions', () => {
    const state = new NdArray('float32', [1, 14], new Float32Array(14).fill(0.5));
    const given = { state, prompt: ['go'] };
    expect(apply(given, actionsToPi)).toBe(given);
    expect(apply(given, stateToPi)).toMatchObject({ prompt: ['go'] });
    expect(apply({ prompt: ['go'] }, stateToPi)).toEqual({ prompt: ['go'] });
  });

  it('are of 14 joints', () => {
    const state = new NdArray('float32', [1, 7], new Float32Array(7));
    const actions = new NdArray('float32', [1, 1, 15], new Float32Array(15));
    const joints = '14 wide: two arms of six joints and a gripper';
    expect([
      message(stateToPi, { state }),
      message(actionsToPi, { actions }),
      message({ kind: 'AlohaFromPi' }, { actions }),
    ]).toEqual([
      `AlohaToPi: state should be ${joints}, but it is 7 wide.`,
      `AlohaToPi: actions should be ${joints}, but it is 15 wide.`,
      `AlohaFromPi: actions should be ${joints}, but it is 15 wide.`,
    ]);
    expect(message({ kind: 'AlohaFromPi' }, { state })).toBe('AlohaFromPi: no actions. The sample has: state.');
  });
});
