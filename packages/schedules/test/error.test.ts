import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  constantSchedule,
  joinSchedules,
  rsqrtDecaySchedule,
  showScheduleError,
  warmupCosineDecaySchedule,
} from '../src/index.js';

const good = { initValue: 0, peakValue: 1, warmupSteps: 2, decaySteps: 5, endValue: 0, timescale: 1 };

describe('showScheduleError names the field, the value and what to do', () => {
  it.each([
    [constantSchedule(Number.NaN), 'constantSchedule: value is NaN; give a finite number'],
    [
      warmupCosineDecaySchedule({ ...good, warmupSteps: -1 }),
      'warmupCosineDecaySchedule: warmupSteps is -1; give an integer of at least 0',
    ],
    [
      warmupCosineDecaySchedule({ ...good, warmupSteps: 6 }),
      'warmupCosineDecaySchedule: decaySteps 5 must exceed warmupSteps 6: it counts from step 0 and contains the warm-up',
    ],
    [rsqrtDecaySchedule({ ...good, timescale: 0 }), 'rsqrtDecaySchedule: timescale is 0; give a number above 0'],
    [
      joinSchedules([], []),
      'joinSchedules: 0 schedules with 0 boundaries; give one boundary between each two schedules',
    ],
    [
      joinSchedules([(x) => x, (x) => x], [0]),
      'joinSchedules: boundaries [0] must be positive integers in strictly increasing order',
    ],
  ])('%#', (schedule, message) => {
    expect(E.isLeft(schedule) ? showScheduleError(schedule.left) : 'accepted').toBe(message);
  });
});
