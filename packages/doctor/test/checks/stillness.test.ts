import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { type RowSettings, runChecks } from '../../src/check.js';
import { stillness } from '../../src/checks/stillness.js';
import { episodesOf, moving, type Recording, subjectOf, type Value } from '../recordings.js';

const by = (normMode: 'quantile' | 'mean_std'): RowSettings => ({ model: { actionHorizon: 4 }, data: { normMode } });

const found = (recording: Recording, settings: RowSettings | null = null) =>
  runChecks([stillness], subjectOf(recording, { settings }), episodesOf(recording));

/** The second dimension is something else. */
const second =
  (value: Value): Value =>
  (frame, dim, episode) =>
    dim === 1 ? value(frame, dim, episode) : moving(frame, dim, episode);

const lengths = [100, 100];

it('finds a constant, whatever it is', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(found({ lengths, action: second(() => value) })).toMatchObject([
        { _tag: 'ConstantDimension', severity: 'note', where: { feature: 'action' }, dimensions: ['gripper'] },
      ]);
    }),
    { numRuns: 30 },
  );
});

it('tells rounding from motion', () => {
  const near = (step: number) => found({ lengths, state: second((frame) => 1 + (frame % 2) * step) });
  expect(near(2 ** -20)).toMatchObject([
    { _tag: 'NearConstantDimension', severity: 'warning', where: { feature: 'state', dimension: 'gripper' } },
  ]);
  expect(near(2 ** -10)).toEqual([]);
});

it('names a gripper that is 1 in all frames but one, and what becomes of that one', () => {
  const gripper = second((frame, _, episode) => (episode === 1 && frame === 30 ? 0 : 1));
  const [collapsed, ...others] = found({ lengths, action: gripper }, by('quantile'));
  expect(others).toEqual([]);
  expect(collapsed).toMatchObject({
    _tag: 'CollapsedDimension',
    where: { feature: 'action', dimension: 'gripper', episode: 1, frame: 30 },
    numbers: { usual: 1, value: 0, exceptions: 1 },
    episodes: [1],
  });
  expect(collapsed?.message).toContain('98 % of the frames have 1, but 1 frame has another value, here 0');
  // One of 200 values, as mean and deviation see it: sqrt(199).
  expect(found({ lengths, action: gripper }, by('mean_std'))).toMatchObject([
    { severity: 'note', numbers: { normalized_mean_std: expect.closeTo(-14.1, 1) } },
  ]);
});

it('finds nothing in a gripper that opens and closes', () => {
  expect(found({ lengths, action: second((frame) => (frame < 50 ? 0 : 1)) })).toEqual([]);
});
