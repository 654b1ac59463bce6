import * as E from 'fp-ts/lib/Either.js';
import type { ScheduleError } from './error.js';
import type { Schedule } from './schedule.js';

const increasing = (boundaries: readonly number[]): boolean =>
  boundaries.every((boundary, i) => Number.isSafeInteger(boundary) && boundary > (boundaries[i - 1] ?? 0));

/**
 * One schedule after another: `schedules[i]` rules from `boundaries[i − 1]` to `boundaries[i]` and counts from its own start.
 *
 * @errors `BoundaryCount`, `BoundariesNotIncreasing`.
 * @law the join of one schedule is that schedule; at a boundary the value is the next schedule's at 0.
 * @source optax `join_schedules`.
 */
export const joinSchedules = (
  schedules: readonly Schedule[],
  boundaries: readonly number[],
): E.Either<ScheduleError, Schedule> => {
  const [first, ...rest] = schedules;
  if (first === undefined || rest.length !== boundaries.length) {
    return E.left({ _tag: 'BoundaryCount', schedules: schedules.length, boundaries: boundaries.length });
  }
  if (!increasing(boundaries)) return E.left({ _tag: 'BoundariesNotIncreasing', boundaries });
  return E.right((count) => {
    const passed = boundaries.filter((boundary) => boundary <= count).length;
    const schedule = passed === 0 ? first : (rest[passed - 1] ?? first);
    return schedule(count - (boundaries[passed - 1] ?? 0));
  });
};
