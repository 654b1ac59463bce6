import { type Immutable, refuseSettings } from '@torsor/policy';
import {
  constantSchedule,
  linearSchedule,
  rsqrtDecaySchedule,
  type Schedule,
  type ScheduleError,
  warmupCosineDecaySchedule,
} from '@torsor/schedules';
import type * as E from 'fp-ts/lib/Either.js';
import * as z from 'zod';

const rate = z.number().min(0);
const count = z.int().min(0);

const cosineSchema = z.strictObject({
  kind: z.literal('cosine'),
  warmupSteps: count.default(1000),
  peakLr: rate.default(2.5e-5),
  decaySteps: z.int().min(1).default(30_000).describe('counted from step 0, the warm-up included'),
  decayLr: rate.default(2.5e-6),
});

const rsqrtSchema = z.strictObject({
  kind: z.literal('rsqrt'),
  warmupSteps: count.default(1000),
  peakLr: rate.default(5e-5),
  timescale: z.number().gt(0).default(10_000),
});

const constantSchema = z.strictObject({ kind: z.literal('constant'), lr: rate });

const linearSchema = z.strictObject({
  kind: z.literal('linear'),
  initLr: rate,
  endLr: rate,
  transitionSteps: z.int().min(1),
});

/**
 * A schedule as a configuration states it.
 *
 * @source openpi `training/optimizer.py` `CosineDecaySchedule`, `RsqrtDecaySchedule` (15a9616); optax `constant`, `linear`
 */
export const lrScheduleSchema = z
  .discriminatedUnion('kind', [cosineSchema, rsqrtSchema, constantSchema, linearSchema])
  .superRefine((schedule, context) => {
    if (schedule.kind === 'cosine' && schedule.decaySteps <= schedule.warmupSteps) {
      const message = `${schedule.decaySteps} is not above warmupSteps = ${schedule.warmupSteps}; the decay would never begin`;
      refuseSettings(context, ['decaySteps'], message);
    }
  });

/** A decoded schedule. */
export type ScheduleSettings = Immutable<z.output<typeof lrScheduleSchema>>;

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
