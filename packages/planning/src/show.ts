import type { Plan } from './plan.js';

/** Bytes in the decimal unit that leaves one to three digits before the point. */
export const showBytes = (bytes: number): string => {
  const [unit, size] = bytes >= 1e9 ? ['GB', 1e9] : bytes >= 1e6 ? ['MB', 1e6] : ['kB', 1e3];
  return `${(bytes / size).toFixed(2)} ${unit}`;
};

const columns = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = rows.reduce<readonly number[]>(
    (most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
};

const memory = ({ groups, temporaryBytesPerDevice, peakBytesPerDevice }: Plan): readonly string[] =>
  columns([
    ['memory', 'elements', 'once', 'per device'],
    ...groups.map(({ name, elements, bytes, bytesPerDevice }) => [
      name,
      elements.toLocaleString('en-US'),
      showBytes(bytes),
      showBytes(bytesPerDevice),
    ]),
    ['gradients and activations, at the largest', '', '', showBytes(temporaryBytesPerDevice)],
    ['all', '', '', showBytes(peakBytesPerDevice)],
  ]);

const traffic = (plan: Plan): readonly string[] =>
  plan.traffic.length === 0
    ? ['sent each update: nothing']
    : columns([
        ['sent each update', 'exchanges', 'per device'],
        ...plan.traffic.map(({ collective, over, what, count, bytesPerDevice }) => [
          `${collective} of ${what} over ${over}`,
          String(count),
          showBytes(bytesPerDevice),
        ]),
      ]);

const work = ({ flops, flopsPerDevice, devices }: Plan): readonly string[] =>
  columns([
    ['products of an update', 'all', 'per device'],
    ['TFLOP', (flops / 1e12).toPrecision(4), (flopsPerDevice / 1e12).toPrecision(4)],
    ['devices', String(devices), ''],
  ]);

const verdict = (available: number | null): readonly (readonly string[])[] =>
  available === null ? [] : [[`it fits in ${showBytes(available)}, of which a tenth is left free`]];

/**
 * A plan as aligned text: memory, work, traffic.
 *
 * @param available - bytes that a device has, where they are known and suffice.
 */
export const showPlan = (plan: Plan, available: number | null): string =>
  [memory(plan), work(plan), traffic(plan), ...verdict(available)].map((part) => part.join('\n')).join('\n\n');
