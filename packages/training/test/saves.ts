import type { MetricLine } from '@torsor/metrics';

/** The lines of an uninterrupted run as they are when it is also saved after `steps`, where an interrupt stopped it. */
export const withSaves = (lines: readonly MetricLine[], steps: readonly number[]): readonly MetricLine[] =>
  steps.reduce<readonly MetricLine[]>((whole, step) => {
    if (whole.some((line) => line['checkpoint_step'] === step)) return whole;
    const later = whole.findIndex((line) => line.step > step);
    return whole.toSpliced(later < 0 ? whole.length : later, 0, { step, checkpoint_step: step });
  }, lines);
