import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinSchedules, linearSchedule, type Schedule, warmupCosineDecaySchedule } from '../src/index.js';
import { cosine, made, refusal, steps, value, warmup } from './arbitrary.js';

const line: fc.Arbitrary<Schedule> = fc
  .record({ initValue: value, endValue: value, transitionSteps: steps })
  .map((options) => made(linearSchedule(options)));

const sorted = (length: number): fc.Arbitrary<number[]> =>
  fc.uniqueArray(steps, { minLength: length, maxLength: length }).map((xs) => xs.sort((a, b) => a - b));

describe('joinSchedules', () => {
  it('the join of one schedule is that schedule', () => {
    fc.assert(
      fc.property(line, warmup, (schedule, count) => made(joinSchedules([schedule], []))(count) === schedule(count)),
    );
  });

  it('each part rules its interval and counts from its own start', () => {
    fc.assert(
      fc.property(line, line, line, sorted(2), warmup, (a, b, c, boundaries, count) => {
        const [first = 0, second = 0] = boundaries;
        const joined = made(joinSchedules([a, b, c], boundaries));
        const expected = count < first ? a(count) : count < second ? b(count - first) : c(count - second);
        expect(joined(count)).toBe(expected);
      }),
    );
  });

  it('is associative', () => {
    fc.assert(
      fc.property(line, line, line, sorted(2), warmup, (a, b, c, [first = 1, second = 2], count) => {
        const flat = made(joinSchedules([a, b, c], [first, second]));
        const right = made(joinSchedules([a, made(joinSchedules([b, c], [second - first]))], [first]));
        const left = made(joinSchedules([made(joinSchedules([a, b], [first])), c], [second]));
        expect([right(count), left(count)]).toEqual([flat(count), flat(count)]);
      }),
    );
  });

  it('a warm-up joined with a cosine is warmupCosineDecaySchedule', () => {
    fc.assert(
      fc.property(cosine, warmup, (options, count) => {
        fc.pre(options.warmupSteps > 0);
        const { initValue, peakValue, warmupSteps, decaySteps, endValue } = options;
        const decay = made(
          warmupCosineDecaySchedule({
            initValue: peakValue,
            peakValue,
            endValue,
            warmupSteps: 0,
            decaySteps: decaySteps - warmupSteps,
          }),
        );
        const warm = made(linearSchedule({ initValue, endValue: peakValue, transitionSteps: warmupSteps }));
        const joined = made(joinSchedules([warm, decay], [warmupSteps]));
        expect(joined(count)).toBe(made(warmupCosineDecaySchedule(options))(count));
      }),
    );
  });

  it('refuses a wrong number of boundaries, and boundaries that do not increase', () => {
    const zero: Schedule = () => 0;
    expect(refusal(joinSchedules([], []))).toBe('BoundaryCount');
    expect(refusal(joinSchedules([zero, zero], []))).toBe('BoundaryCount');
    expect(refusal(joinSchedules([zero], [3]))).toBe('BoundaryCount');
    for (const boundaries of [
      [5, 3],
      [3, 3],
      [0, 3],
      [-1, 3],
      [1.5, 3],
      [Number.NaN, 3],
      [1, Number.POSITIVE_INFINITY],
    ]) {
      expect(refusal(joinSchedules([zero, zero, zero], boundaries))).toBe('BoundariesNotIncreasing');
    }
  });
});
