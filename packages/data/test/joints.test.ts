import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { showDataError } from '../src/error.js';
import { withJoints } from '../src/joints.js';
import { datasetOf, episodeOf } from './memory-dataset.js';
import { right } from './right.js';

const dataset = datasetOf([episodeOf(0, 2, [1, 2, 3, 4, 5, 6], [10, 20, 30, 40, 50, 60])]);
const names = ['joint0', 'joint1', 'joint2'];
const { actionNames, stateNames } = dataset;

describe('withJoints', () => {
  it('puts every joint where its name is', () => {
    const found = right(withJoints(dataset, { stateNames: ['joint2', 'joint0', 'joint1'], actionNames }));
    expect(found.stateNames).toEqual(['joint2', 'joint0', 'joint1']);
    expect([...(found.episodes[0]?.state ?? [])]).toEqual([3, 1, 2, 6, 4, 5]);
    expect([...(found.episodes[0]?.action ?? [])]).toEqual([10, 20, 30, 40, 50, 60]);
  });

  it('is the dataset there and back', () => {
    const order = fc.shuffledSubarray(names, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(order, order, (state, actions) => {
        const there = right(withJoints(dataset, { stateNames: state, actionNames: actions }));
        expect(right(withJoints(there, { stateNames, actionNames }))).toEqual(dataset);
      }),
    );
  });

  it('refuses another robot, and says which joints are which', () => {
    const other = withJoints(dataset, { stateNames, actionNames: ['joint0', 'joint1', 'gripper'] });
    expect(E.isLeft(other) ? showDataError(other.left) : '').toBe(
      'The action of the dataset is of another robot: it has no gripper; joint2 is not known.',
    );
    expect(withJoints(dataset, { stateNames: names.slice(0, 2), actionNames })).toMatchObject({
      left: { _tag: 'OtherJoints', what: 'state', missing: [], extra: ['joint2'] },
    });
  });
});
