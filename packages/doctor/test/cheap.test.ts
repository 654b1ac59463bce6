import { describe, expect, it } from 'vitest';
import { cheapFindings, cheapWarnings } from '../src/cheap.js';
import { datasetOf, moving } from './recordings.js';
import { tinyRun } from './settings.js';

const gap = datasetOf({
  lengths: [60, 60, 60],
  time: (frame, episode) => frame / 10 + (episode === 1 && frame > 30 ? 11 : 0),
  action: (frame, dim, episode) => (dim === 1 ? 0.5 : 0.9 * moving(frame + 0.5, dim, episode)),
});

it('of a dataset alone, and with a run that has no room for its dimensions', () => {
  expect(cheapFindings(gap, null).map(({ _tag }) => _tag)).toEqual(['TimeGap', 'ConstantDimension']);
  const [wide] = cheapFindings(gap, tinyRun('pi0', { actionDim: 1 }));
  expect(wide).toMatchObject({ _tag: 'TooManyDimensions', severity: 'error', remedy: 'model.actionDim=2' });
});

it('tells a task that the split of the run never trains on', () => {
  const six = datasetOf({
    lengths: Array.from({ length: 6 }, () => 30),
    tasks: ['a', 'b', 'c', 'd', 'e', 'f'],
    taskOf: (episode) => episode,
  });
  const run = tinyRun('pi0');
  const [lost] = cheapFindings(six, run).filter(({ _tag }) => _tag === 'TaskNeverTrained');
  expect(lost?.episodes).toHaveLength(1);
  const [other] = cheapFindings(six, { ...run, data: { ...run.data, heldOut: 3 } });
  expect(other).toMatchObject({ _tag: 'TaskNeverTrained', numbers: { tasks: 3 } });
});

describe('before a run', () => {
  it('warnings are told, notes and what the run says itself are not', () => {
    expect(cheapWarnings(gap, tinyRun('pi0'))).toEqual([]);
    const wild = datasetOf({
      lengths: [60, 60, 60],
      state: (frame, dim, episode) => (episode === 1 && frame === 7 && dim === 0 ? 1e30 : moving(frame, dim, episode)),
    });
    expect(cheapWarnings(wild, tinyRun('pi0')).join('\n')).toContain('episode 1, frame 7');
  });
});
