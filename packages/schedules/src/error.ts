/**
 * Why a schedule was refused.
 *
 * `NotFinite` a value is NaN or infinite; `NotStepCount` a number of steps is not an integer in its range; `DecayEndsInWarmup`
 * `decaySteps` counts from step 0 and must exceed `warmupSteps`; `TimescaleNotPositive`; `BoundaryCount` joining n schedules needs n − 1
 * boundaries; `BoundariesNotIncreasing` they are not positive integers in strictly increasing order.
 */
export type ScheduleError =
  | { readonly _tag: 'NotFinite'; readonly schedule: string; readonly field: string; readonly value: number }
  | {
      readonly _tag: 'NotStepCount';
      readonly schedule: string;
      readonly field: string;
      readonly value: number;
      readonly least: number;
    }
  | { readonly _tag: 'DecayEndsInWarmup'; readonly warmupSteps: number; readonly decaySteps: number }
  | { readonly _tag: 'TimescaleNotPositive'; readonly timescale: number }
  | { readonly _tag: 'BoundaryCount'; readonly schedules: number; readonly boundaries: number }
  | { readonly _tag: 'BoundariesNotIncreasing'; readonly boundaries: readonly number[] };

/** One line for a `ScheduleError`: the field, what was expected and what to do. */
export const showScheduleError = (error: ScheduleError): string => {
  switch (error._tag) {
    case 'NotFinite':
      return `${error.schedule}: ${error.field} is ${error.value}; give a finite number`;
    case 'NotStepCount':
      return `${error.schedule}: ${error.field} is ${error.value}; give an integer of at least ${error.least}`;
    case 'DecayEndsInWarmup':
      return `warmupCosineDecaySchedule: decaySteps ${error.decaySteps} must exceed warmupSteps ${error.warmupSteps}: it counts from step 0 and contains the warm-up`;
    case 'TimescaleNotPositive':
      return `rsqrtDecaySchedule: timescale is ${error.timescale}; give a number above 0`;
    case 'BoundaryCount':
      return `joinSchedules: ${error.schedules} schedules with ${error.boundaries} boundaries; give one boundary between each two schedules`;
    case 'BoundariesNotIncreasing':
      return `joinSchedules: boundaries [${error.boundaries.join(', ')}] must be positive integers in strictly increasing order`;
  }
};
