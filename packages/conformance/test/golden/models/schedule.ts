import { rsqrtDecaySchedule, type Schedule, showScheduleError, warmupCosineDecaySchedule } from '@torsor/schedules';
import * as E from 'fp-ts/lib/Either.js';
import { number } from '../json.js';
import type { Json } from './config.js';

// openpi's field names, and its choice of the first value: peak / (warmup + 1).
const schedules: Readonly<Record<string, (config: Json) => E.Either<string, Schedule>>> = {
  CosineDecaySchedule: (config) =>
    E.mapLeft(showScheduleError)(
      warmupCosineDecaySchedule({
        initValue: number(config['peak_lr']) / (number(config['warmup_steps']) + 1),
        peakValue: number(config['peak_lr']),
        warmupSteps: number(config['warmup_steps']),
        decaySteps: number(config['decay_steps']),
        endValue: number(config['decay_lr']),
      }),
    ),
  RsqrtDecaySchedule: (config) =>
    E.mapLeft(showScheduleError)(
      rsqrtDecaySchedule({
        initValue: number(config['peak_lr']) / (number(config['warmup_steps']) + 1),
        peakValue: number(config['peak_lr']),
        warmupSteps: number(config['warmup_steps']),
        timescale: number(config['timescale']),
      }),
    ),
};

/** A recorded schedule by openpi's name and fields. */
export const scheduleOf = (kind: string, config: Json): Schedule => {
  const made = schedules[kind]?.(config) ?? E.left(`golden schedules: unknown kind '${kind}'`);
  if (E.isLeft(made)) throw new Error(made.left);
  return made.right;
};

/** JAX interpolates from the far end in float32, so its error is relative to the peak, not to the value. */
export const jaxScheduleLimit = (config: Json): number => 4 * 2 ** -24 * number(config['peak_lr']);
