import { median } from './statistics.js';

/** Seconds of repeated calls. */
export type Times = {
  readonly median: number;
  readonly min: number;
  /** The median of the processor time of all threads: what a busy machine stretches least. */
  readonly cpu: number;
};

const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Times some calls, one after another; `null` for none. */
export const timesOf = async (count: number, call: () => Promise<void>): Promise<Times | null> => {
  const [seconds, cpu]: [number[], number[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const [began, cpuBegan] = [performance.now(), processorSeconds()];
    await call();
    seconds.push((performance.now() - began) / 1000);
    cpu.push(processorSeconds() - cpuBegan);
  }
  return count === 0 ? null : { median: median(seconds), min: Math.min(...seconds), cpu: median(cpu) };
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
