import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rsqrtDecaySchedule } from '../src/index.js';
import { made, monotone, notFinite, notSteps, refusal, steps, value, warmup } from './arbitrary.js';

const options = fc.record({ initValue: value, peakValue: value, warmupSteps: warmup, timescale: steps });

describe('rsqrtDecaySchedule', () => {
  it('has its peak at the end of the warm-up and 1/√2 of it one timescale later', () => {
    fc.assert(
      fc.property(options, (o) => {
        const schedule = made(rsqrtDecaySchedule(o));
        if (o.warmupSteps > 0) expect(schedule(0)).toBe(o.initValue);
        expect(schedule(o.warmupSteps)).toBe(o.peakValue);
        expect(schedule(o.warmupSteps + o.timescale)).toBeCloseTo(o.peakValue * Math.SQRT1_2, 12);
        expect(schedule(o.warmupSteps + 3 * o.timescale)).toBeCloseTo(o.peakValue / 2, 12);
      }),
    );
  });

  it('is monotone on each side of the peak and keeps its sign', () => {
    fc.assert(
      fc.property(options, (o) => {
        const schedule = made(rsqrtDecaySchedule(o));
        expect(monotone(schedule, 0, o.warmupSteps)).toBe(true);
        expect(monotone(schedule, o.warmupSteps, o.warmupSteps + 500)).toBe(true);
        expect(Math.sign(schedule(o.warmupSteps + 10_000))).toBe(Math.sign(o.peakValue));
      }),
    );
  });

  it('refuses bad arguments by tag', () => {
    const good = { initValue: 0, peakValue: 1, warmupSteps: 2, timescale: 5 };
    fc.assert(
      fc.property(notFinite, notSteps, (x, n) => {
        for (const field of ['initValue', 'peakValue', 'timescale']) {
          expect(refusal(rsqrtDecaySchedule({ ...good, [field]: x }))).toBe('NotFinite');
        }
        expect(refusal(rsqrtDecaySchedule({ ...good, warmupSteps: n }))).toBe('NotStepCount');
      }),
    );
    for (const timescale of [0, -1]) {
      expect(refusal(rsqrtDecaySchedule({ ...good, timescale }))).toBe('TimescaleNotPositive');
    }
  });
});
