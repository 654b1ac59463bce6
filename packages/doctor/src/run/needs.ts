import { type DoesNotFit, showBytes } from '@torsor/planning';
import type { Finding } from '../finding.js';

/** Parameters, two moments and averages, float32 each. */
const stateBytesPerParameter = 16;

/** An update that this machine cannot hold, where it is the device. */
export const memoryFinding = ({ needed, memory, remedy }: DoesNotFit): Finding => ({
  _tag: 'DoesNotFit',
  severity: 'warning',
  where: {},
  numbers: { neededBytes: needed, memoryBytes: memory },
  message: `an update needs ${showBytes(needed)}, this machine has ${showBytes(memory)} (a tenth is left free): it trains on a device with more, or not.`,
  remedy: `${remedy === null ? 'a smaller model' : `a smaller batch, parts of it (gradientAccumulation) or more devices: ${showBytes(remedy.needed)} are possible`}; torsor plan tells where it goes`,
});

/** What is known of the disk that a run is written to. */
export type DiskNeeds = {
  readonly out: string;
  readonly parameters: number;
  /** Checkpoints that are kept at the end, and one that is written before an old one goes. */
  readonly checkpoints: number;
  readonly freeBytes: number;
};

/** Checkpoints that the disk has no room for: at most what they take, for frozen parameters have no moments. */
export const diskFindings = ({ out, parameters, checkpoints, freeBytes }: DiskNeeds): readonly Finding[] => {
  const each = stateBytesPerParameter * parameters;
  const needed = each * checkpoints;
  if (needed <= freeBytes) return [];
  return [
    {
      _tag: 'DiskTooSmall',
      severity: each > freeBytes ? 'error' : 'warning',
      where: { file: out },
      numbers: { neededBytes: needed, checkpointBytes: each, freeBytes, checkpoints },
      message: `${checkpoints} checkpoints of up to ${showBytes(each)} each take up to ${showBytes(needed)}, the disk has ${showBytes(freeBytes)} left.`,
      remedy: 'out=… on another disk, keepLast=1 keepPeriod=null, or emaDecay=null',
    },
  ];
};
