import {
  constantSchedule,
  linearSchedule,
  rsqrtDecaySchedule,
  type Schedule,
  type ScheduleError,
  warmupCosineDecaySchedule,
} from '@torsor/schedules';
import type * as E from 'fp-ts/lib/Either.js';

/** A schedule as a configuration states it. */
export type ScheduleSettings =
  | {
      readonly kind: 'cosine';
      readonly warmupSteps: number;
      readonly peakLr: number;
      /** Counted from step 0, the warm-up included. */
      readonly decaySteps: number;
      readonly decayLr: number;
    }
  | { readonly kind: 'rsqrt'; readonly warmupSteps: number; readonly peakLr: number; readonly timescale: number }
  | { readonly kind: 'constant'; readonly lr: number }
  | { readonly kind: 'linear'; readonly initLr: number; readonly endLr: number; readonly transitionSteps: number };

/**
 * The learning rate of each update, by the number of updates before it. A warm-up begins at `peakLr / (warmupSteps + 1)`.
 *
 * @errors those of `@torsor/schedules`; a decoded configuration has none.
 * @source openpi `training/optimizer.py` `CosineDecaySchedule.create`, `RsqrtDecaySchedule.create` (15a9616)
 */
export const learningRate = (config: ScheduleSettings): E.Either<ScheduleError, Schedule> => {
  switch (config.kind) {
    case 'cosine': {
      const { warmupSteps, peakLr: peakValue, decaySteps, decayLr: endValue } = config;
      const initValue = peakValue / (warmupSteps + 1);
      return warmupCosineDecaySchedule({ initValue, peakValue, warmupSteps, decaySteps, endValue });
    }
    case 'rsqrt': {
      const { warmupSteps, peakLr: peakValue, timescale } = config;
      return rsqrtDecaySchedule({ initValue: peakValue / (warmupSteps + 1), peakValue, warmupSteps, timescale });
    }
    case 'constant':
      return constantSchedule(config.lr);
    case 'linear': {
      const { initLr: initValue, endLr: endValue, transitionSteps } = config;
      return linearSchedule({ initValue, endValue, transitionSteps });
    }
  }
};
