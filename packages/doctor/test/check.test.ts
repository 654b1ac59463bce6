import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runChecks } from '../src/check.js';
import { checks } from '../src/checks.js';
import { episodesOf, moving, subjectOf } from './recordings.js';

const settings = { model: { actionHorizon: 8 }, data: { normMode: 'quantile' } } as const;

it('finds nothing in a robot that moves', () => {
  const recording = { lengths: [200, 150, 300] };
  expect(runChecks(checks, subjectOf(recording, { settings }), episodesOf(recording))).toEqual([]);
});

describe('what a check finds', () => {
  const bad = {
    lengths: [5, 60, 60],
    state: moving,
    action: moving,
    time: (frame: number) => (frame < 30 ? frame / 10 : 11 + frame / 10),
    tasks: ['pick', 'pick', ''],
  };

  it('does not depend on the others, nor on their order', () => {
    const subject = subjectOf(bad, { settings });
    const episodes = episodesOf(bad);
    const alone = new Map(checks.map((check) => [check.name, runChecks([check], subject, episodes)]));
    expect([...alone.values()].flat().length).toBeGreaterThan(3);
    fc.assert(
      fc.property(fc.shuffledSubarray([...checks]), (some) => {
        expect(runChecks(some, subject, episodes)).toEqual(some.flatMap(({ name }) => alone.get(name) ?? []));
      }),
      { numRuns: 10 },
    );
  });

  it('is JSON as it is', () => {
    const found = runChecks(checks, subjectOf(bad, { settings }), episodesOf(bad));
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });
});
