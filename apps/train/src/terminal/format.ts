import type { Progress } from './event.js';

const clock = (seconds: number): string => {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (h > 0) return `${h}h${String(m).padStart(2, '0')}m`;
  return m > 0 ? `${m}m${String(s).padStart(2, '0')}s` : `${s}s`;
};

/** A number in four significant digits, short for large and small ones. */
export const shortNumber = (value: number): string => {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return value !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : value.toPrecision(4);
};

/** A duration as `12s`, `3m07s` or `2h05m`; `-` while it is not known. */
export const duration = (seconds: number): string => (Number.isFinite(seconds) ? clock(seconds) : '-');

/** What stands beside the bar, or alone on a plain line. */
export const progressFigures = (progress: Progress): string =>
  [
    `loss ${shortNumber(progress.loss)}`,
    `lr ${shortNumber(progress.learningRate)}`,
    `${shortNumber(progress.stepsPerSecond)} steps/s`,
    `ETA ${duration(progress.remainingSeconds)}`,
  ].join('  ');

/** A whole plain line of progress. */
export const progressLine = (progress: Progress): string =>
  `step ${String(progress.step).padStart(String(progress.steps).length)}/${progress.steps}  ${progressFigures(progress)}`;
