import { type HostArray, hostArray, sizeOf, TensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { checkSpec } from './check.js';
import type { ShardingError } from './error.js';
import { deviceCount, extentOver, type Mesh, type PartitionSpec, positionOver } from './mesh.js';

/**
 * The type of the part that each device holds.
 *
 * @errors those of `checkSpec`.
 * @law its size times the number of distinct parts is the size of the whole.
 */
export const localType = (mesh: Mesh, spec: PartitionSpec, type: TensorType): E.Either<ShardingError, TensorType> =>
  E.map(() => partType(mesh, spec, type))(checkSpec(mesh, 'tensor', type, spec));

const partType = (mesh: Mesh, spec: PartitionSpec, { dtype, shape }: TensorType): TensorType =>
  new TensorType(
    dtype,
    shape.map((extent, axis) => extent / extentOver(mesh, spec[axis] ?? [])),
  );

/** A part of a tensor as runs of elements that are next to each other in both. */
type Part = {
  /** Elements in each run. */
  readonly run: number;
  /** Where each run begins in the whole; in the part they follow one another. */
  readonly starts: readonly number[];
};

const partOf = (mesh: Mesh, spec: PartitionSpec, { shape }: TensorType, device: number): Part => {
  const last = spec.findLastIndex((names) => names.length > 0);
  if (last < 0) return { run: sizeOf(shape), starts: [0] };
  let starts: readonly number[] = [0];
  let run = sizeOf(shape);
  for (let axis = 0; axis <= last; axis++) {
    const names = spec[axis] ?? [];
    const extent = shape[axis] ?? 1;
    const local = extent / extentOver(mesh, names);
    const inner = run / Math.max(extent, 1);
    const begin = positionOver(mesh, names, device) * local;
    // The last split axis needs no start per element: its elements are next to each other.
    const count = axis === last ? 1 : local;
    starts = starts.flatMap((at) => Array.from({ length: count }, (_, i) => at + (begin + i) * inner));
    run = axis === last ? inner * local : inner;
  }
  return { run, starts };
};

const wrongLength = (expected: number, got: number): E.Either<ShardingError, never> =>
  E.left({ _tag: 'WrongLength', expected, got });

/**
 * The part of a tensor that a device holds, copied.
 *
 * @param data - the whole tensor, row-major.
 * @errors those of `checkSpec`; `WrongLength`; `NoSuchDevice`.
 * @law `assemble` of the shards of all devices is `data`; devices that differ only along axes the layout does not name get
 * equal shards.
 */
export const shardOf = (
  mesh: Mesh,
  spec: PartitionSpec,
  type: TensorType,
  data: HostArray,
  device: number,
): E.Either<ShardingError, HostArray> => {
  const local = localType(mesh, spec, type);
  if (E.isLeft(local)) return local;
  const devices = deviceCount(mesh);
  if (!Number.isInteger(device) || device < 0 || device >= devices) {
    return E.left({ _tag: 'NoSuchDevice', device, devices });
  }
  if (data.length !== sizeOf(type.shape)) return wrongLength(sizeOf(type.shape), data.length);
  const shard = hostArray(type.dtype, sizeOf(local.right.shape));
  const { run, starts } = partOf(mesh, spec, type, device);
  for (const [i, start] of starts.entries()) shard.set(data.subarray(start, start + run), i * run);
  return E.right(shard);
};

/** The devices of which every part of a tensor is taken once: the first of those that hold the same. */
const holders = (mesh: Mesh, spec: PartitionSpec): readonly number[] => {
  const named = spec.flat();
  const others = mesh.axes.map(({ name }) => name).filter((name) => !named.includes(name));
  return Array.from({ length: deviceCount(mesh) }, (_, device) => device).filter(
    (device) => positionOver(mesh, others, device) === 0,
  );
};

/**
 * A tensor from the parts that the devices hold. Of devices that hold the same part the first is read; that the others
 * agree is not checked.
 *
 * @param shards - one per device, in device order.
 * @errors those of `checkSpec`; `WrongShardCount`; `WrongLength`.
 */
export const assemble = (
  mesh: Mesh,
  spec: PartitionSpec,
  type: TensorType,
  shards: readonly HostArray[],
): E.Either<ShardingError, HostArray> => {
  const local = localType(mesh, spec, type);
  if (E.isLeft(local)) return local;
  const expected = deviceCount(mesh);
  if (shards.length !== expected) return E.left({ _tag: 'WrongShardCount', expected, got: shards.length });
  const size = sizeOf(local.right.shape);
  const wrong = shards.find(({ length }) => length !== size);
  if (wrong !== undefined) return wrongLength(size, wrong.length);
  const whole = hostArray(type.dtype, sizeOf(type.shape));
  for (const device of holders(mesh, spec)) {
    const shard = shards[device];
    const { run, starts } = partOf(mesh, spec, type, device);
    for (const [i, start] of starts.entries()) {
      if (shard !== undefined) whole.set(shard.subarray(i * run, (i + 1) * run), start);
    }
  }
  return E.right(whole);
};
