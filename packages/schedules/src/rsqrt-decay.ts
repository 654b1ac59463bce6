import * as E from 'fp-ts/lib/Either.js';
import { afterAll, finite, stepCount } from './checks.js';
import type { ScheduleError } from './error.js';
import { interpolate } from './interpolate.js';
import type { Schedule } from './schedule.js';

/** Arguments of `rsqrtDecaySchedule`. */
export type RsqrtDecayOptions = {
  /** Value at count 0; openpi takes `peakValue / (warmupSteps + 1)`. */
  readonly initValue: number;
  readonly peakValue: number;
  /** Steps of linear warm-up; 0 starts at the peak. */
  readonly warmupSteps: number;
  /** Steps after the warm-up until the value is `peakValue / √2`; positive. */
  readonly timescale: number;
};

/**
 * Linear warm-up from `initValue` to `peakValue`, then `peak / √(1 + (count − warmup) / timescale)`.
 *
 * @errors `NotFinite`, `NotStepCount`, `TimescaleNotPositive`.
 * @law exactly `peakValue` at `warmupSteps`; monotone on each side; continuous; `peak/√2` one timescale later.
 * @source openpi `training/optimizer.py` `RsqrtDecaySchedule` (15a9616)
 */
export const rsqrtDecaySchedule = (options: RsqrtDecayOptions): E.Either<ScheduleError, Schedule> => {
  const { initValue, peakValue, warmupSteps, timescale } = options;
  const name = 'rsqrtDecaySchedule';
  const checks = [
    finite(name, 'initValue', initValue),
    finite(name, 'peakValue', peakValue),
    finite(name, 'timescale', timescale),
    stepCount(name, 'warmupSteps', warmupSteps, 0),
    timescale > 0 ? E.right(timescale) : E.left({ _tag: 'TimescaleNotPositive', timescale } as const),
  ];
  return afterAll(checks, () => (count) => {
    if (count < warmupSteps) return interpolate(initValue, peakValue, count / warmupSteps);
    return peakValue / Math.sqrt((timescale + count - warmupSteps) / timescale);
  });
};
