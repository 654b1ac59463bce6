import { median } from './statistics.js';

/** Seconds of repeated calls. */
export interface Times {
  readonly median: number;
  readonly min: number;
}

/** Times some calls, one after another; `null` for none. */
export const timesOf = async (count: number, call: () => Promise<void>): Promise<Times | null> => {
  const seconds: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    await call();
    seconds.push((performance.now() - began) / 1000);
  }
  return count === 0 ? null : { median: median(seconds), min: Math.min(...seconds) };
};

/** Names the moments between phases: each call gives the milliseconds since the one before. */
export const stopwatch = (): (() => number) => {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const passed = now - last;
    last = now;
    return passed;
  };
};
