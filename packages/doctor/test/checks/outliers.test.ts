import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RowSettings, runChecks } from '../../src/check.js';
import { outliers } from '../../src/checks/outliers.js';
import { episodesOf, moving, type Recording, subjectOf, type Value } from '../recordings.js';

const by = (normMode: 'quantile' | 'mean_std'): RowSettings => ({ model: { actionHorizon: 4 }, data: { normMode } });

const found = (recording: Recording, settings: RowSettings | null = null) =>
  runChecks([outliers], subjectOf(recording, { settings }), episodesOf(recording));

/** One value in the way. */
const slip =
  (value: number, at = { episode: 1, frame: 17, dim: 1 }): Value =>
  (frame, dim, episode) =>
    episode === at.episode && frame === at.frame && dim === at.dim ? value : moving(frame, dim, episode);

it('names 1e30 by episode, frame and joint, and what normalization makes of it', () => {
  const [outlier, ...others] = found({ action: slip(1e30) }, by('mean_std'));
  expect(others).toEqual([]);
  expect(outlier).toMatchObject({
    _tag: 'Outlier',
    severity: 'error',
    where: { feature: 'action', dimension: 'gripper', episode: 1, frame: 17 },
    numbers: { frames: 1 },
    episodes: [1],
    dimensions: ['gripper'],
    remedy: 'data.excludeEpisodes=[1], or repair episode 1',
  });
  expect(outlier?.numbers['value']).toBeCloseTo(1e30, -24);
  // One of 180 values: it is sqrt(179) deviations from the mean, whatever its size.
  expect(outlier?.message).toContain('by mean and deviation it becomes 13.38');
  expect(outlier?.message).toContain('The other values of it become nearly equal: 98 % lie within');
});

it('weighs a value by its distance in widths of the middle 98 %', () => {
  expect(found({ state: slip(30) })).toEqual([]);
  expect(found({ state: slip(60) })).toMatchObject([{ severity: 'warning', where: { feature: 'state' } }]);
  expect(found({ state: slip(-3000) })).toMatchObject([{ severity: 'error', numbers: { value: -3000 } }]);
});

it('finds the same whatever unit and origin a dimension has', () => {
  const units = fc.integer({ min: -10, max: 10 }).map((power) => 2 ** power);
  const [reference] = found({ state: slip(128) });
  fc.assert(
    fc.property(units, fc.integer({ min: -3, max: 3 }), (unit, origin) => {
      const moved: Value = (frame, dim, episode) => unit * (slip(128)(frame, dim, episode) + origin);
      const [outlier] = found({ state: moved });
      expect(outlier?.where).toEqual(reference?.where);
      const widths = reference?.numbers['widthsAway'] ?? 0;
      expect(Math.abs((outlier?.numbers['widthsAway'] ?? 0) / widths - 1)).toBeLessThan(1e-4);
    }),
    { numRuns: 30 },
  );
});

it('finds nothing in uniform noise', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })), (stream) => {
      expect(found({ lengths: [40, 40], state: () => stream.next().value ?? 0 })).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

describe('a joint that rests and seldom moves', () => {
  // 2,000 frames within 0.001, the last 19 of them up to 1: more than a slip of a sensor, below 1 %.
  const seldom: Value = (frame, dim, episode) =>
    dim === 1 ? (frame < 1981 ? 0.0005 * Math.sin(frame) : (frame - 1980) / 19) : moving(frame, dim, episode);

  it('is told where quantiles overlook its motion', () => {
    const [narrow, ...others] = found({ lengths: [2000], state: seldom }, by('quantile'));
    expect(others).toEqual([]);
    expect(narrow).toMatchObject({
      _tag: 'NarrowRange',
      severity: 'warning',
      where: { feature: 'state', dimension: 'gripper', episode: 0, frame: 1999 },
      numbers: { value: 1 },
    });
  });

  it('is none where mean and deviation see it', () => {
    expect(found({ lengths: [2000], state: seldom }, by('mean_std'))).toEqual([]);
  });
});
