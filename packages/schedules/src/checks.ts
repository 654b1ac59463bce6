import * as E from 'fp-ts/lib/Either.js';
import type { ScheduleError } from './error.js';

type Check = E.Either<ScheduleError, number>;

/** The first error among `checks`, else `value()`. */
export const afterAll = <A>(checks: readonly Check[], value: () => A): E.Either<ScheduleError, A> =>
  checks.find(E.isLeft) ?? E.right(value());

export const finite = (schedule: string, field: string, value: number): Check =>
  Number.isFinite(value) ? E.right(value) : E.left({ _tag: 'NotFinite', schedule, field, value });

export const stepCount = (schedule: string, field: string, value: number, least: number): Check =>
  Number.isSafeInteger(value) && value >= least
    ? E.right(value)
    : E.left({ _tag: 'NotStepCount', schedule, field, value, least });
