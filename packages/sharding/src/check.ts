import type { TensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import type { ShardingError } from './error.js';
import { extentOver, type Mesh, type PartitionSpec } from './mesh.js';

/** The multiples of `parts` next to an extent, the lower one only when it is not 0. */
const fitting = (extent: number, parts: number): readonly number[] => {
  const lower = Math.floor(extent / parts) * parts;
  return lower === 0 ? [parts] : [lower, lower + parts];
};

const checkNames = (mesh: Mesh, spec: PartitionSpec): ShardingError | undefined => {
  const known = mesh.axes.map(({ name }) => name);
  const named = spec.flat();
  const unknown = named.find((axis) => !known.includes(axis));
  if (unknown !== undefined) return { _tag: 'UnknownAxis', axis: unknown, known };
  const twice = named.find((axis, i) => named.indexOf(axis) !== i);
  return twice === undefined ? undefined : { _tag: 'AxisTwice', axis: twice };
};

/**
 * A layout that a tensor can have: every device gets an equal part.
 *
 * @param path - of the tensor, for the message.
 * @errors `UnknownAxis`, `AxisTwice`, `SpecTooLong`; `UnevenSplit` names the extents near the given one that fit.
 */
export const checkSpec = (
  mesh: Mesh,
  path: string,
  type: TensorType,
  spec: PartitionSpec,
): E.Either<ShardingError, PartitionSpec> => {
  const misnamed = checkNames(mesh, spec);
  if (misnamed !== undefined) return E.left(misnamed);
  const { shape } = type;
  if (spec.length > shape.length) {
    return E.left({ _tag: 'SpecTooLong', path, rank: shape.length, axes: spec.length });
  }
  for (const [axis, names] of spec.entries()) {
    const parts = extentOver(mesh, names);
    const extent = shape[axis] ?? 1;
    if (extent % parts !== 0) {
      const over = names.map((name) => `${name}=${extentOver(mesh, [name])}`).join(',');
      return E.left({ _tag: 'UnevenSplit', path, axis, extent, over, fits: fitting(extent, parts) });
    }
  }
  return E.right(spec);
};
