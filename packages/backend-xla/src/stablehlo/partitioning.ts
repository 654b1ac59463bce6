import type { Mesh, PartitionSpec } from '@torsor/sharding';
import { range, type Shape } from '@torsor/tensor';
import { quoted } from './types.js';

/** How a program is split over devices: XLA's partitioner does the rest. */
export type Partitioning = {
  readonly mesh: Mesh;
  /** One for each input of the program. */
  readonly inputs: readonly PartitionSpec[];
  /** One for each output of the program. */
  readonly outputs: readonly PartitionSpec[];
};

/** The mesh as a line of the module. */
export const meshText = ({ axes }: Mesh): string =>
  `sdy.mesh @mesh = <[${axes.map(({ name, size }) => `${quoted(name)}=${size}`).join(', ')}]>`;

/** How a tensor is split. A specification longer than the rank is written as it is: XLA refuses it. */
export const layoutText = (spec: PartitionSpec, shape: Shape): string => {
  const axes = range(Math.max(shape.length, spec.length)).map(
    (axis) => `{${(spec[axis] ?? []).map(quoted).join(', ')}}`,
  );
  return `<@mesh, [${axes.join(', ')}]>`;
};

/** The attribute that says how an input or output is split. */
export const shardingText = (spec: PartitionSpec, shape: Shape): string =>
  `sdy.sharding = #sdy.sharding${layoutText(spec, shape)}`;

/** Whether `fsdp` splits an axis. */
const isSharded = (spec: PartitionSpec): boolean => spec.some((names) => names.includes('fsdp'));

/** How an input lies, where it may be a parameter whose parts are to be gathered for use: where `fsdp` splits it. */
export const shardedLayout = (spec: PartitionSpec | undefined): PartitionSpec | undefined =>
  spec !== undefined && isSharded(spec) ? spec : undefined;

/**
 * How one element along the first axis of a tensor is to lie for its use: whole over `fsdp`; `undefined` where it is so
 * already, as the samples of a batch are.
 */
export const gatheredElement = (layout: PartitionSpec | undefined): PartitionSpec | undefined => {
  const rest = layout?.slice(1) ?? [];
  return isSharded(rest) ? rest.map((names) => names.filter((name) => name !== 'fsdp')) : undefined;
};
