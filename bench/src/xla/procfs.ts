import { readFileSync } from 'node:fs';

const ticksPerSecond = 100;

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** Milliseconds since the operating system started this process (Linux; elsewhere since Node's own first moment). */
export const sinceProcessStart = (): number => {
  const [stat, uptime] = [read('/proc/self/stat'), read('/proc/uptime')];
  const ticks = stat
    ?.slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(19);
  if (ticks === undefined || uptime === null) return performance.now();
  return (Number.parseFloat(uptime) - Number(ticks) / ticksPerSecond) * 1000;
};

/** The most memory this process has held at once, MB of 2^20 bytes (Linux; elsewhere `null`). */
export const peakMemory = (): number | null => {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(read('/proc/self/status') ?? '')?.[1];
  return found === undefined ? null : Number(found) / 1024;
};
