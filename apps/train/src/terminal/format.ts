import type { Progress } from '@torsor/training';

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

/** Numbers that follow one another, as first and last of each row of them. */
const runsOf = (numbers: readonly number[]): readonly (readonly [first: number, last: number])[] => {
  const runs: [number, number][] = [];
  for (const n of numbers) {
    const run = runs.at(-1);
    if (run?.[1] === n - 1) run[1] = n;
    else runs.push([n, n]);
  }
  return runs;
};

/**
 * Whole numbers in a few words: `0-3, 7, 9 … 5,213 more`.
 *
 * @param numbers - each once, in ascending order.
 * @param most - rows of consecutive numbers that are shown; the numbers of the others are counted.
 */
export const showNumbers = (numbers: readonly number[], most = 12): string => {
  const runs = runsOf(numbers);
  const shown = runs.slice(0, most).map(([first, last]) => {
    if (first === last) return String(first);
    return last === first + 1 ? `${first}, ${last}` : `${first}-${last}`;
  });
  const rest = runs.slice(most).reduce((count, [first, last]) => count + last - first + 1, 0);
  return shown.join(', ') + (rest === 0 ? '' : ` … ${rest.toLocaleString('en-US')} more`);
};
