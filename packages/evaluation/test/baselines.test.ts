import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionErrors, holdLastState, matchingDimensions, meanChunk, repeatChunk } from '../src/index.js';
import { refusal, right, scored } from './chunks.js';

describe('holdLastState', () => {
  it('repeats the matching state dimensions', () => {
    const matching = right(matchingDimensions(['knee', 'hip'], ['hip', 'waist', 'knee']));
    expect(matching).toEqual([2, 0]);
    const held = right(holdLastState([1, 2, 3, 4, 5, 6], 3, matching, 2));
    expect(Array.from(held)).toEqual([3, 1, 3, 1, 6, 4, 6, 4]);
  });

  it('has no error on a robot that stands still', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 3 }),
        (pose) => {
          const names = ['hip', 'knee', 'ankle'].slice(0, pose.length);
          const recorded = { n: 1, horizon: 3, names, actions: [...pose, ...pose, ...pose], isPad: [0, 0, 0] };
          const held = right(holdLastState(pose, pose.length, right(matchingDimensions(names, names)), 3));
          expect(right(actionErrors(recorded, held)).mae).toBe(0);
        },
      ),
    );
  });

  it('names the joint without a state, and refuses a broken row', () => {
    expect(refusal(matchingDimensions(['hip', 'hand'], ['hip', 'knee']))).toBe(
      "NoMatchingState: action dimension 'hand' has no state of that name (states: hip, knee): holding the last state is no baseline here",
    );
    expect(refusal(holdLastState([1, 2, 3], 2, [0], 1))).toBe(
      'WrongLength: states has 3 elements, expected 4 by its shape',
    );
  });
});

describe('meanChunk', () => {
  const full = scored.map(({ recorded, predictions }) => ({
    recorded: { ...recorded, isPad: Array.from(recorded.isPad, () => 0) },
    predictions,
  }));

  it('has the least mean square error of all constant chunks', () => {
    fc.assert(
      fc.property(full, ({ recorded, predictions: [other = []] }) => {
        const size = recorded.horizon * recorded.names.length;
        const score = (chunk: ArrayLike<number>): number =>
          right(actionErrors(recorded, repeatChunk(chunk, recorded.n))).rmse;
        expect(score(right(meanChunk(recorded)))).toBeLessThanOrEqual(score(other.slice(0, size)) * (1 + 1e-12) + 1e-9);
      }),
    );
  });

  it('leaves out the padding and says where there is nothing else', () => {
    const training = { n: 2, horizon: 2, names: ['hip'], actions: [1, 5, 3, 99], isPad: [0, 0, 0, 1] };
    expect(Array.from(right(meanChunk(training)))).toEqual([2, 5]);
    expect(Array.from(right(meanChunk({ ...training, isPad: [0, 1, 0, 1] })))).toEqual([2, Number.NaN]);
  });
});
