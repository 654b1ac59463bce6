import type * as E from 'fp-ts/lib/Either.js';
import { afterAll, finite } from './checks.js';
import type { ScheduleError } from './error.js';
import type { Schedule } from './schedule.js';

/**
 * The same value at every count.
 *
 * @errors `NotFinite`.
 * @source optax `constant_schedule`.
 */
export const constantSchedule = (value: number): E.Either<ScheduleError, Schedule> =>
  afterAll([finite('constantSchedule', 'value', value)], () => () => value);
