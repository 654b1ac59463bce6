import type { Mesh, PartitionSpec } from '@torsor/sharding';
import { range, type Shape } from '@torsor/tensor';
import { quoted } from './types.js';

/** How a program is split over devices: XLA's partitioner does the rest. */
export interface Partitioning {
  readonly mesh: Mesh;
  /** One for each input of the program. */
  readonly inputs: readonly PartitionSpec[];
  /** One for each output of the program. */
  readonly outputs: readonly PartitionSpec[];
}

/** The mesh as a line of the module. */
export const meshText = ({ axes }: Mesh): string =>
  `sdy.mesh @mesh = <[${axes.map(({ name, size }) => `${quoted(name)}=${size}`).join(', ')}]>`;

/** The attribute that says how a tensor is split. A specification longer than the rank is written as it is: XLA refuses it. */
export const shardingText = (spec: PartitionSpec, shape: Shape): string => {
  const axes = range(Math.max(shape.length, spec.length)).map(
    (axis) => `{${(spec[axis] ?? []).map(quoted).join(', ')}}`,
  );
  return `sdy.sharding = #sdy.sharding<@mesh, [${axes.join(', ')}]>`;
};
