import type { Port, TensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { checkSpec } from './check.js';
import type { ShardingError } from './error.js';
import { fsdpMinBytes, fsdpSpec } from './fsdp.js';
import { type Mesh, type PartitionSpec, replicated } from './mesh.js';
import { type TensorRule, tensorAxis, tensorRules, withTensor } from './tensor-parallel.js';

/** What layouts of parameters depend on besides the mesh. */
export type ShardingOptions = {
  /** Smaller tensors are whole on every device of `fsdp`; openpi's 4 MiB where nothing is said. */
  readonly minBytes?: number;
  /** Which axes `tensor` splits; openpi's transformer where nothing is said. */
  readonly rules?: readonly TensorRule[];
};

/**
 * The layout of a batch: its leading axis over `data` and `fsdp` together.
 *
 * @source openpi `training/sharding.py` `DATA_AXIS` (15a9616)
 */
export const batchSpec = (mesh: Mesh): PartitionSpec => {
  const names = mesh.axes.map(({ name }) => name).filter((name) => name === 'data' || name === 'fsdp');
  return names.length === 0 ? replicated : [names];
};

/**
 * The layout of a parameter: one axis over `tensor` as the rules say, and one of the others over `fsdp`.
 *
 * The rules look at the end of a path, so that moments (`…/mu/<path>`) and averages (`ema/<path>`) lie as their
 * parameter does; scalars are replicated.
 *
 * @law a state of the optimizer of a parameter's type has the parameter's layout.
 */
export const paramSpec =
  (mesh: Mesh, { minBytes = fsdpMinBytes, rules = tensorRules }: ShardingOptions = {}) =>
  (path: string, type: TensorType): PartitionSpec => {
    const axis = tensorAxis(mesh, path, type, rules);
    return withTensor(fsdpSpec(mesh, type, minBytes, axis === undefined ? [] : [axis]), axis);
  };

/** The layout of one port: `batch/…` as a batch, `metrics/…` and scalars whole, anything else as a parameter. */
const portSpec = (mesh: Mesh, options: ShardingOptions, { path, type }: Port): PartitionSpec => {
  if (type.shape.length === 0 || path.startsWith('metrics/')) return replicated;
  return path.startsWith('batch/') ? batchSpec(mesh) : paramSpec(mesh, options)(path, type);
};

/**
 * The layouts of the inputs or outputs of an update, checked: those below `batch` as a batch, those below `metrics`
 * and scalars replicated, all others as parameters.
 *
 * @errors `UnevenSplit` for the first tensor that its devices cannot share equally, with the extents that fit.
 * @law a port of the same path and type has the same layout among inputs and among outputs, so that it can be donated.
 */
export const portSpecs = (
  mesh: Mesh,
  ports: readonly Port[],
  options: ShardingOptions = {},
): E.Either<ShardingError, readonly PartitionSpec[]> => {
  const specs: PartitionSpec[] = [];
  for (const port of ports) {
    const spec = checkSpec(mesh, port.path, port.type, portSpec(mesh, options, port));
    if (E.isLeft(spec)) return spec;
    specs.push(spec.right);
  }
  return E.right(specs);
};
