import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { type Schedule, type ScheduleError, showScheduleError, type WarmupCosineDecayOptions } from '../src/index.js';

/** No subnormal numbers: their rounding is absolute, and the bounds of the laws are relative. */
export const value: fc.Arbitrary<number> = fc
  .double({ min: -10, max: 10, noNaN: true })
  .map((x) => (Math.abs(x) < 1e-100 ? 0 : x));
export const steps: fc.Arbitrary<number> = fc.integer({ min: 1, max: 1000 });
export const warmup: fc.Arbitrary<number> = fc.integer({ min: 0, max: 1000 });
export const notFinite: fc.Arbitrary<number> = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
);
export const notSteps: fc.Arbitrary<number> = fc.oneof(notFinite, fc.integer({ max: -1 }), fc.constant(1.5));

export const cosine: fc.Arbitrary<WarmupCosineDecayOptions> = fc
  .record({ initValue: value, peakValue: value, endValue: value, warmupSteps: warmup, decay: steps })
  .map(({ decay, ...rest }) => ({ ...rest, decaySteps: rest.warmupSteps + decay }));

export const made = (schedule: E.Either<ScheduleError, Schedule>): Schedule => {
  if (E.isLeft(schedule)) throw new Error(showScheduleError(schedule.left));
  return schedule.right;
};

export const refusal = (schedule: E.Either<ScheduleError, Schedule>): string =>
  E.isLeft(schedule) ? schedule.left._tag : 'accepted';

/** Rounding of `a + (b − a) f`: three operations, each relative to the larger end. */
export const slack = (a: number, b: number): number => 4 * Number.EPSILON * Math.max(Math.abs(a), Math.abs(b));

/** Whether `schedule` goes from `from` to `to` over the counts without turning back, up to `slack`. */
export const monotone = (schedule: Schedule, begin: number, end: number): boolean => {
  const sign = Math.sign(schedule(end) - schedule(begin));
  const allowed = slack(schedule(begin), schedule(end));
  for (let count = begin; count < end; count++) {
    if (sign * (schedule(count + 1) - schedule(count)) < -allowed) return false;
  }
  return true;
};
