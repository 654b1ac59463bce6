/** Why a run ends after the step it is at; `null` while it goes on. */
export type Ending = 'steps' | 'time' | 'interrupted' | null;

/** What follows an update. */
export type Due = { readonly log: boolean; readonly evaluate: boolean; readonly save: boolean };

/** Updates between lines of metrics, evaluations and checkpoints. */
export type Intervals = { readonly logInterval: number; readonly evalInterval: number; readonly saveInterval: number };

/** Where a run ends. */
export type Limits = {
  /** Updates. */
  readonly steps: number;
  /** Of this session's wall time; `null`: never. */
  readonly maxMinutes: number | null;
};

/**
 * What is due after `step` updates. A run that is over logs, evaluates and saves its last step; one that is interrupted only
 * saves, so that its metrics, resumed, are those of a run that was not.
 */
export const dueAfter = (step: number, intervals: Intervals, ending: Ending): Due => {
  const over = ending === 'steps' || ending === 'time';
  return {
    log: over || step % intervals.logInterval === 0,
    evaluate: over || step % intervals.evalInterval === 0,
    save: ending !== null || step % intervals.saveInterval === 0,
  };
};

/** What decides whether a run ends. */
export type Situation = {
  readonly step: number;
  readonly elapsedSeconds: number;
  readonly interrupted: boolean;
};

/** Whether and why the run ends after `step` updates: all of them done comes first, then the interrupt, then the time. */
export const endingAt = (situation: Situation, limits: Limits): Ending => {
  if (situation.step >= limits.steps) return 'steps';
  if (situation.interrupted) return 'interrupted';
  return limits.maxMinutes !== null && situation.elapsedSeconds >= limits.maxMinutes * 60 ? 'time' : null;
};
