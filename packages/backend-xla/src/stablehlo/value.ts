import type { PartitionSpec } from '@torsor/sharding';
import type { TensorType } from '@torsor/tensor';

/** A value of the module: its name there and its type. */
export type Value = {
  readonly name: string;
  readonly type: TensorType;
  /** How an input lies on the mesh, where `fsdp` splits it. */
  readonly layout?: PartitionSpec | undefined;
  /** How it is to lie before it is used. */
  readonly wanted?: PartitionSpec | undefined;
};
