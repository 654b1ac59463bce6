import { extentOver, type Mesh } from '@torsor/sharding';

/** Bytes exchanged between devices by one kind of collective, for one reason. */
export type Traffic = {
  readonly collective: 'all-gather' | 'reduce-scatter' | 'all-reduce';
  /** The mesh axes whose devices exchange, joined by `,`. */
  readonly over: string;
  readonly what: 'parameters' | 'gradients' | 'activations';
  /** Bytes that each device sends in a step. */
  readonly bytesPerDevice: number;
  /** Exchanges in a step. */
  readonly count: number;
};

/** A ring over n devices sends (n − 1) / n of a gathered or scattered tensor, twice that of a reduced one. */
const sentFraction = (collective: Traffic['collective'], devices: number): number =>
  ((collective === 'all-reduce' ? 2 : 1) * (devices - 1)) / devices;

/**
 * What one collective sends, nothing over a single device.
 *
 * @param bytes - of the whole tensor among the devices that exchange: gathered, or not yet scattered.
 */
export const exchange = (
  mesh: Mesh,
  collective: Traffic['collective'],
  what: Traffic['what'],
  names: readonly string[],
  bytes: number,
): readonly Traffic[] => {
  const used = mesh.axes.flatMap(({ name, size }) => (size > 1 && names.includes(name) ? [name] : []));
  const devices = extentOver(mesh, used);
  return devices === 1 || bytes === 0
    ? []
    : [
        {
          collective,
          over: used.join(','),
          what,
          bytesPerDevice: sentFraction(collective, devices) * bytes,
          count: 1,
        },
      ];
};

/** The same exchanges, several times a step. */
export const repeated = (traffic: readonly Traffic[], times: number): readonly Traffic[] =>
  traffic.map((one) => ({ ...one, bytesPerDevice: one.bytesPerDevice * times, count: one.count * times }));

/** Exchanges of one kind, reason and direction added up, the largest first. */
export const summed = (traffic: readonly Traffic[]): readonly Traffic[] => {
  const sums = new Map<string, Traffic>();
  for (const one of traffic) {
    const key = `${one.collective} ${one.over} ${one.what}`;
    const sum = sums.get(key);
    sums.set(key, {
      ...one,
      bytesPerDevice: one.bytesPerDevice + (sum?.bytesPerDevice ?? 0),
      count: one.count + (sum?.count ?? 0),
    });
  }
  return [...sums.values()].sort((a, b) => b.bytesPerDevice - a.bytesPerDevice);
};
