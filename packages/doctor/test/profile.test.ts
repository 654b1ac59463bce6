import { expect, it } from 'vitest';
import { vectorsOf } from '../src/check.js';
import { profile } from '../src/profile.js';
import { episodesOf, subjectOf } from './recordings.js';

it('sums up a dimension as numpy does, far from zero too', () => {
  const recording = { lengths: [3, 2], state: (frame: number, dim: number) => (dim === 0 ? 1000 + frame : 7) };
  const [view] = vectorsOf(subjectOf(recording));
  if (view === undefined) throw new Error('no state');
  const values = profile(view);
  for (const episode of episodesOf(recording)) values.add(episode);
  const [shoulder, gripper] = values.dimensions();
  // numpy: x = [1000, 1001, 1002, 1000, 1001]
  expect(shoulder).toMatchObject({ name: 'shoulder', count: 5, min: 1000, max: 1002, mean: 1000.8, median: 1001 });
  expect(shoulder?.std).toBeCloseTo(0.748_331_477_354_788_2, 12);
  expect(gripper).toMatchObject({ name: 'gripper', min: 7, max: 7, mean: 7, std: 0, q01: 7, q99: 7 });
});
