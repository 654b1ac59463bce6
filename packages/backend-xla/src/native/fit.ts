import { totalmem } from 'node:os';
import type { PjrtError } from './error.js';

/** The host's memory, or the part of it that the process is allowed. */
const hostBytes = (): number => {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(totalmem(), allowed) : totalmem();
};

/**
 * Bytes that one device can hold; `undefined` where neither the device nor the host says.
 *
 * @param said - the limit that the device itself gives.
 * @param devices - how many of them a program is split over; on the host they share its memory.
 */
export const deviceBytes = (platform: string, said: number | undefined, devices: number): number | undefined =>
  said ?? (platform === 'cpu' ? hostBytes() / devices : undefined);

/** Memory that an executable needs, in bytes, on one device. */
export type CompiledMemory = {
  readonly arguments: number;
  readonly outputs: number;
  /** Outputs that take the place of donated arguments. */
  readonly aliased: number;
  readonly temporary: number;
  readonly code: number;
};

const gibibytes = (bytes: number): string => `${Number((bytes / 2 ** 30).toPrecision(3))} GiB`;

/** What a run needs on one device, in words. */
export const showNeed = ({ arguments: given, outputs, aliased, temporary }: CompiledMemory): string =>
  `a run needs ${gibibytes(given)} for inputs, ${gibibytes(outputs - aliased)} for outputs beside them and ${gibibytes(temporary)} in between`;

/** Why a run cannot succeed on devices of this size; `undefined` where it may. */
export const tooLarge = (need: CompiledMemory, available: number): PjrtError | undefined => {
  const bytes = need.arguments + need.outputs - need.aliased + need.temporary;
  return bytes <= available ? undefined : { _tag: 'TooLarge', need: showNeed(need), available: gibibytes(available) };
};
