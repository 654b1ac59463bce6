import type { Measured } from '@torsor/metrics';
import type { Limits, Situation } from './intervals.js';

/** How far a run is. */
export type Progress = {
  readonly step: number;
  readonly steps: number;
  /** Of the last update. */
  readonly loss: number;
  readonly learningRate: number;
  readonly stepsPerSecond: number;
  readonly remainingSeconds: number;
};

/** How long a session's updates took; evaluations and checkpoints aside. */
export type Pace = { readonly updates: number; readonly seconds: number };

/** The pace after one more update. */
export const paceAfter = ({ updates, seconds }: Pace, more: number): Pace => ({
  updates: updates + 1,
  seconds: seconds + more,
});

const remaining = (pace: Pace, { step, elapsedSeconds }: Situation, limits: Limits): number => {
  const bySteps = ((limits.steps - step) * pace.seconds) / Math.max(1, pace.updates);
  const byTime = limits.maxMinutes === null ? Number.POSITIVE_INFINITY : limits.maxMinutes * 60 - elapsedSeconds;
  return Math.max(0, Math.min(bySteps, byTime));
};

/** What a progress bar shows: the last update's loss and rate, the session's pace, and what is left by it. */
export const progressOf = (pace: Pace, measured: Measured, situation: Situation, limits: Limits): Progress => ({
  step: situation.step,
  steps: limits.steps,
  loss: measured['loss'] ?? Number.NaN,
  learningRate: measured['learning_rate'] ?? Number.NaN,
  stepsPerSecond: pace.seconds === 0 ? 0 : pace.updates / pace.seconds,
  remainingSeconds: remaining(pace, situation, limits),
});
