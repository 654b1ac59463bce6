import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { warmupCosineDecaySchedule } from '../src/index.js';
import { cosine, made, monotone, notFinite, notSteps, refusal, slack, warmup } from './arbitrary.js';

describe('warmupCosineDecaySchedule', () => {
  it('starts at initValue, has its peak at the end of the warm-up and stays at endValue', () => {
    fc.assert(
      fc.property(cosine, warmup, (options, more) => {
        const schedule = made(warmupCosineDecaySchedule(options));
        if (options.warmupSteps > 0) expect(schedule(0)).toBe(options.initValue);
        expect(schedule(options.warmupSteps)).toBe(options.peakValue);
        expect(schedule(options.decaySteps + more)).toBe(options.endValue);
      }),
    );
  });

  it('is monotone on each side of the peak, so between its values', () => {
    fc.assert(
      fc.property(cosine, (options) => {
        const schedule = made(warmupCosineDecaySchedule(options));
        expect(monotone(schedule, 0, options.warmupSteps)).toBe(true);
        expect(monotone(schedule, options.warmupSteps, options.decaySteps)).toBe(true);
      }),
    );
  });

  it('is continuous: halving the step at a join halves the jump', () => {
    fc.assert(
      fc.property(cosine, fc.constantFrom('warmupSteps' as const, 'decaySteps' as const), (options, join) => {
        const schedule = made(warmupCosineDecaySchedule(options));
        const at = options[join];
        const scale = 40 + slack(options.peakValue, options.initValue);
        for (const gap of [1e-3, 1e-6]) {
          if (at >= gap) expect(Math.abs(schedule(at) - schedule(at - gap))).toBeLessThanOrEqual(scale * gap);
        }
      }),
    );
  });

  it('is symmetric about the middle of the decay', () => {
    fc.assert(
      fc.property(cosine, fc.double({ min: 0, max: 1, noNaN: true }), (options, fraction) => {
        const schedule = made(warmupCosineDecaySchedule(options));
        const { warmupSteps, decaySteps, peakValue, endValue } = options;
        const span = (decaySteps - warmupSteps) * fraction;
        const sum = schedule(warmupSteps + span) + schedule(decaySteps - span);
        expect(Math.abs(sum - peakValue - endValue)).toBeLessThan(1e-9);
      }),
    );
  });

  it('refuses bad arguments by tag', () => {
    const good = { initValue: 0, peakValue: 1, warmupSteps: 2, decaySteps: 5, endValue: 0 };
    fc.assert(
      fc.property(notFinite, notSteps, (x, n) => {
        for (const field of ['initValue', 'peakValue', 'endValue']) {
          expect(refusal(warmupCosineDecaySchedule({ ...good, [field]: x }))).toBe('NotFinite');
        }
        for (const field of ['warmupSteps', 'decaySteps']) {
          expect(refusal(warmupCosineDecaySchedule({ ...good, [field]: n }))).toBe('NotStepCount');
        }
      }),
    );
    expect(refusal(warmupCosineDecaySchedule({ ...good, decaySteps: 1 }))).toBe('DecayEndsInWarmup');
    expect(refusal(warmupCosineDecaySchedule({ ...good, decaySteps: 2 }))).toBe('DecayEndsInWarmup');
  });
});
