import type { DType, TensorType } from '@torsor/tensor';
import { extentOver, type Mesh, type PartitionSpec, replicated } from './mesh.js';

/** The bytes of one element of a dtype. */
const bytesPerElement: Readonly<Record<DType, number>> = {
  f32: 4,
  bf16: 2,
  f16: 2,
  f64: 8,
  i32: 4,
  u32: 4,
  bool: 1,
};

/** The bytes of a tensor. */
export const bytesOf = ({ dtype, shape }: TensorType): number =>
  shape.reduce((product, extent) => product * extent, bytesPerElement[dtype]);

/** The size from which openpi splits a parameter: 4 MiB. */
export const fsdpMinBytes: number = 4 * 2 ** 20;

/** A layout that splits one axis, and no other, over the mesh axes given. */
const splitting = (axis: number, names: readonly string[]): PartitionSpec =>
  Array.from({ length: axis + 1 }, (_, i) => (i === axis ? names : []));

/**
 * Fully sharded data parallelism: a tensor of two or more axes and of at least `minBytes` is split over `fsdp` along its
 * largest axis that divides, the last of equally large ones; any other tensor is replicated.
 *
 * @param taken - axes that something else splits already.
 * @law no axis that divides is larger than the chosen one.
 * @source openpi `training/sharding.py` `fsdp_sharding` (15a9616); of equal axes it takes the last one
 */
export const fsdpSpec = (
  mesh: Mesh,
  type: TensorType,
  minBytes: number = fsdpMinBytes,
  taken: readonly number[] = [],
): PartitionSpec => {
  const parts = extentOver(mesh, ['fsdp']);
  const { shape } = type;
  if (parts === 1 || shape.length < 2 || bytesOf(type) < minBytes) return replicated;
  let best = -1;
  for (const [axis, extent] of shape.entries()) {
    const divides = extent % parts === 0 && !taken.includes(axis);
    if (divides && extent >= (shape[best] ?? 0)) best = axis;
  }
  return best < 0 ? replicated : splitting(best, ['fsdp']);
};
