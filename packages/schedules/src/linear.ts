import type * as E from 'fp-ts/lib/Either.js';
import { afterAll, finite, stepCount } from './checks.js';
import type { ScheduleError } from './error.js';
import { interpolate } from './interpolate.js';
import type { Schedule } from './schedule.js';

/** Arguments of `linearSchedule`. */
export type LinearOptions = {
  readonly initValue: number;
  readonly endValue: number;
  /** Steps from `initValue` to `endValue`, at least 1. */
  readonly transitionSteps: number;
};

/**
 * A straight line from `initValue` at count 0 to `endValue` at `transitionSteps`, constant after.
 *
 * @errors `NotFinite`, `NotStepCount` (optax takes `transition_steps <= 0` for a constant instead).
 * @law both ends are exact; monotone; within the two values.
 * @source optax `linear_schedule`.
 */
export const linearSchedule = (options: LinearOptions): E.Either<ScheduleError, Schedule> => {
  const { initValue, endValue, transitionSteps } = options;
  const name = 'linearSchedule';
  return afterAll(
    [
      finite(name, 'initValue', initValue),
      finite(name, 'endValue', endValue),
      stepCount(name, 'transitionSteps', transitionSteps, 1),
    ],
    () => (count) => interpolate(initValue, endValue, count / transitionSteps),
  );
};
