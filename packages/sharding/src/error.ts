/**
 * Why a mesh, or a layout over one, was refused.
 *
 * `BadMesh` a part of the text is not `name=count`; `UnknownAxis` a mesh axis of that name means nothing here, or is not
 * in the mesh; `BadSize` fewer than one device; `AxisTwice` a mesh axis is named twice; `SpecTooLong` a layout has more
 * axes than the tensor; `UnevenSplit` an extent that its devices cannot share equally, with the extents near it that
 * they can; `WrongLength` data of another length than its type says; `NoSuchDevice`; `WrongShardCount` not one shard per
 * device.
 */
export type ShardingError =
  | { readonly _tag: 'BadMesh'; readonly text: string; readonly part: string }
  | { readonly _tag: 'UnknownAxis'; readonly axis: string; readonly known: readonly string[] }
  | { readonly _tag: 'BadSize'; readonly axis: string; readonly size: string }
  | { readonly _tag: 'AxisTwice'; readonly axis: string }
  | { readonly _tag: 'SpecTooLong'; readonly path: string; readonly rank: number; readonly axes: number }
  | {
      readonly _tag: 'UnevenSplit';
      readonly path: string;
      /** The axis of the tensor. */
      readonly axis: number;
      readonly extent: number;
      /** `data=2,fsdp=4`: what splits it. */
      readonly over: string;
      /** The multiples of the number of parts around `extent`. */
      readonly fits: readonly number[];
    }
  | { readonly _tag: 'WrongLength'; readonly expected: number; readonly got: number }
  | { readonly _tag: 'NoSuchDevice'; readonly device: number; readonly devices: number }
  | { readonly _tag: 'WrongShardCount'; readonly expected: number; readonly got: number };

/** One line for a `ShardingError`: what was given, what was expected and what to do. */
export const showShardingError = (error: ShardingError): string => {
  switch (error._tag) {
    case 'BadMesh':
      return `mesh '${error.text}': '${error.part}' is not name=count; write e.g. data=2,fsdp=4`;
    case 'UnknownAxis':
      return `mesh axis '${error.axis}' is unknown; use ${error.known.join(', ')}`;
    case 'BadSize':
      return `mesh axis ${error.axis}=${error.size}: give at least 1 device`;
    case 'AxisTwice':
      return `mesh axis ${error.axis} is named twice; name it once`;
    case 'SpecTooLong':
      return `${error.path}: a layout of ${error.axes} axes for a tensor of ${error.rank}`;
    case 'UnevenSplit':
      return `${error.path}: axis ${error.axis} of ${error.extent} cannot be split evenly over ${error.over}: ${error.fits.join(' or ')} ${error.fits.length === 1 ? 'fits' : 'fit'}`;
    case 'WrongLength':
      return `expected ${error.expected} elements, got ${error.got}`;
    case 'NoSuchDevice':
      return `device ${error.device} is not in a mesh of ${error.devices} (0 to ${error.devices - 1})`;
    case 'WrongShardCount':
      return `expected one shard for each of ${error.expected} devices, got ${error.got}`;
  }
};
