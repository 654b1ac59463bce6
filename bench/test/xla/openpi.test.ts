import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openpiBenches, summary } from '../../src/xla/openpi.js';

const times = fc.array(
  fc.tuple(fc.double({ min: 1, max: 2, noNaN: true }), fc.double({ min: 3, max: 4, noNaN: true })),
  { minLength: 1 },
);

describe('summary', () => {
  it('the ratio of the medians lies within the extremes of both sides', () =>
    fc.assert(
      fc.property(times, (pairs) => {
        const { ours, reference, spread } = summary(pairs, { timesFaster: 1 });
        expect(ours).toBeGreaterThanOrEqual(1);
        expect(ours).toBeLessThanOrEqual(2);
        expect(reference).toBeGreaterThanOrEqual(3);
        expect(spread[0]).toBeLessThanOrEqual(spread[1]);
        expect(spread[0]).toBeGreaterThanOrEqual(1.5);
      }),
    ));

  it('medians and single rounds', () =>
    expect(
      summary(
        [
          [1, 2],
          [2, 6],
          [4, 4],
        ],
        { timesFaster: 1 },
      ),
    ).toEqual({ ours: 2, reference: 4, spread: [1, 3] }));

  it('a side that timed nothing gives no ratio', () =>
    expect(summary([[null, 2]], { atMost: 1 })).toEqual({ ours: Number.NaN, reference: 2, spread: [NaN, NaN] }));
});

describe('openpiBenches', () => {
  it('each has a name of its own', () => {
    const names = openpiBenches.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
