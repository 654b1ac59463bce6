import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runChecks } from '../../src/check.js';
import { actions } from '../../src/checks/actions.js';
import { episodesOf, moving, type Recording, subjectOf } from '../recordings.js';

const found = (recording: Recording) => runChecks([actions], subjectOf(recording), episodesOf(recording));

describe('actions that are states', () => {
  it('are found at the shift that they have', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), (shift) => {
        const shifted = found({ action: (frame, dim, episode) => moving(frame + shift, dim, episode) });
        expect(shifted).toMatchObject([
          {
            _tag: 'ActionsAreStates',
            severity: shift === 0 ? 'warning' : 'note',
            numbers: { shift, share: 1, dimensions: 2, ofDimensions: 2 },
          },
        ]);
      }),
    );
  });

  it('are told by dimension where only some are', () => {
    const half = found({ action: (frame, dim, episode) => (dim === 1 ? moving(frame + 2, dim, episode) : frame) });
    expect(half).toMatchObject([{ numbers: { shift: 2, dimensions: 1 }, dimensions: ['gripper'] }]);
  });

  it('are not those of a robot that rests', () => {
    expect(found({ state: () => 1, action: (frame) => (frame === 3 ? 2 : 1) })).toEqual([]);
  });

  it('are told where most are, with the share', () => {
    const most = found({
      lengths: [110],
      action: (frame, dim, episode) => (frame % 20 === 0 ? 9 : moving(frame, dim, episode)),
    });
    expect(most).toMatchObject([{ numbers: { shift: 0, share: 0.95 } }]);
    expect(most[0]?.message).toBe(
      'the action is the state of the same frame in 95 % or more of the frames in motion, in every dimension. A policy that repeats its state has the first action of every chunk right.',
    );
  });
});

describe('actions that never move', () => {
  it('are an error where none does', () => {
    expect(found({ action: (_, dim, episode) => dim + episode })).toMatchObject([
      { _tag: 'ActionsNeverMove', severity: 'error', numbers: { episodes: 3, moving: 0 } },
    ]);
  });

  it('are named by episode where some do', () => {
    const still = found({ action: (frame, dim, episode) => (episode === 1 ? 0.5 : 2 * moving(frame, dim, episode)) });
    expect(still).toMatchObject([
      { severity: 'warning', where: { episode: 1 }, episodes: [1], remedy: 'data.excludeEpisodes=[1]' },
    ]);
  });

  it('are not those of an episode of one frame', () => {
    expect(found({ lengths: [60, 1] })).toEqual([]);
  });
});
