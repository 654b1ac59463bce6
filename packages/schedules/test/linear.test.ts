import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearSchedule } from '../src/index.js';
import { made, monotone, notFinite, notSteps, refusal, slack, steps, value, warmup } from './arbitrary.js';

describe('linearSchedule', () => {
  it('has exact ends, is monotone and is constant after', () => {
    fc.assert(
      fc.property(value, value, steps, warmup, (initValue, endValue, transitionSteps, more) => {
        const schedule = made(linearSchedule({ initValue, endValue, transitionSteps }));
        expect(schedule(0)).toBe(initValue);
        expect(schedule(transitionSteps + more)).toBe(endValue);
        expect(monotone(schedule, 0, transitionSteps)).toBe(true);
      }),
    );
  });

  it('has equal steps', () => {
    fc.assert(
      fc.property(value, value, steps, (initValue, endValue, transitionSteps) => {
        const schedule = made(linearSchedule({ initValue, endValue, transitionSteps }));
        const middle = Math.floor(transitionSteps / 2);
        const expected = (initValue * (transitionSteps - middle) + endValue * middle) / transitionSteps;
        expect(Math.abs(schedule(middle) - expected)).toBeLessThanOrEqual(2 * slack(initValue, endValue));
      }),
    );
  });

  it('refuses bad arguments by tag', () => {
    fc.assert(
      fc.property(notFinite, notSteps, (x, n) => {
        expect(refusal(linearSchedule({ initValue: x, endValue: 0, transitionSteps: 1 }))).toBe('NotFinite');
        expect(refusal(linearSchedule({ initValue: 0, endValue: x, transitionSteps: 1 }))).toBe('NotFinite');
        expect(refusal(linearSchedule({ initValue: 0, endValue: 0, transitionSteps: n }))).toBe('NotStepCount');
      }),
    );
    expect(refusal(linearSchedule({ initValue: 0, endValue: 0, transitionSteps: 0 }))).toBe('NotStepCount');
  });
});
