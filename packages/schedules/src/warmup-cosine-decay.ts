import * as E from 'fp-ts/lib/Either.js';
import { afterAll, finite, stepCount } from './checks.js';
import type { ScheduleError } from './error.js';
import { interpolate } from './interpolate.js';
import type { Schedule } from './schedule.js';

/** Arguments of `warmupCosineDecaySchedule`. */
export type WarmupCosineDecayOptions = {
  /** Value at count 0; openpi takes `peakValue / (warmupSteps + 1)`. */
  readonly initValue: number;
  readonly peakValue: number;
  /** Steps of linear warm-up; 0 starts at the peak. */
  readonly warmupSteps: number;
  /** Count at which `endValue` is reached; the warm-up is part of it. */
  readonly decaySteps: number;
  readonly endValue: number;
};

/**
 * Linear warm-up from `initValue` to `peakValue`, then half a cosine down to `endValue`, constant after.
 *
 * After the warm-up: `end + (peak − end) · ½(1 + cos(π · (count − warmup) / (decay − warmup)))`.
 *
 * @errors `NotFinite`, `NotStepCount`, `DecayEndsInWarmup`.
 * @law exactly `peakValue` at `warmupSteps` and `endValue` from `decaySteps` on; monotone on each side; continuous.
 * @source openpi `training/optimizer.py` `CosineDecaySchedule` and `scripts/train_pytorch.py` `lr_schedule` (15a9616)
 */
export const warmupCosineDecaySchedule = (options: WarmupCosineDecayOptions): E.Either<ScheduleError, Schedule> => {
  const { initValue, peakValue, warmupSteps, decaySteps, endValue } = options;
  const name = 'warmupCosineDecaySchedule';
  const checks = [
    finite(name, 'initValue', initValue),
    finite(name, 'peakValue', peakValue),
    finite(name, 'endValue', endValue),
    stepCount(name, 'warmupSteps', warmupSteps, 0),
    stepCount(name, 'decaySteps', decaySteps, 1),
    decaySteps > warmupSteps
      ? E.right(decaySteps)
      : E.left({ _tag: 'DecayEndsInWarmup', warmupSteps, decaySteps } as const),
  ];
  return afterAll(checks, () => (count) => {
    if (count < warmupSteps) return interpolate(initValue, peakValue, count / warmupSteps);
    const progress = Math.min(1, (count - warmupSteps) / (decaySteps - warmupSteps));
    return interpolate(endValue, peakValue, (1 + Math.cos(Math.PI * progress)) / 2);
  });
};
