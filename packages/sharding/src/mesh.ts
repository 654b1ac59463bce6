import * as E from 'fp-ts/lib/Either.js';
import type { ShardingError } from './error.js';

/** One direction in which devices are arranged. */
export type MeshAxis = {
  readonly name: string;
  readonly size: number;
};

/** Devices arranged in a grid of named axes, major first: device i stands where i falls in row-major order. */
export type Mesh = { readonly axes: readonly MeshAxis[] };

/** How one tensor is laid over a mesh: per tensor axis the mesh axes that split it, major first; missing axes are whole. */
export type PartitionSpec = readonly (readonly string[])[];

/** Every device holds the whole tensor. */
export const replicated: PartitionSpec = [];

/** The mesh axes that have a meaning here: `data` splits the batch; `fsdp` the batch and parameters; `tensor` heads, hidden units and vocabulary. */
export const meshAxisNames = ['data', 'fsdp', 'tensor'] as const;

const isKnown = (name: string): boolean => meshAxisNames.some((known) => known === name);

const parseAxis = (text: string, part: string): E.Either<ShardingError, MeshAxis> => {
  const [, name = '', digits = ''] = /^([A-Za-z_]+)=(\d+)$/u.exec(part) ?? [];
  if (name === '') return E.left({ _tag: 'BadMesh', text, part });
  if (!isKnown(name)) return E.left({ _tag: 'UnknownAxis', axis: name, known: meshAxisNames });
  const size = Number(digits);
  return size >= 1 && Number.isSafeInteger(size)
    ? E.right({ name, size })
    : E.left({ _tag: 'BadSize', axis: name, size: digits });
};

/**
 * A mesh from text: `data=2,fsdp=4`. The order of the axes is kept: the first is the slowest over device numbers.
 *
 * @errors `BadMesh` for a part that is not `name=count`; `UnknownAxis`; `BadSize` for a count below 1; `AxisTwice`.
 * @law `parseMesh(showMesh(mesh))` is `right(mesh)`.
 */
export const parseMesh = (text: string): E.Either<ShardingError, Mesh> => {
  const axes: MeshAxis[] = [];
  for (const part of text.split(',')) {
    const axis = parseAxis(text, part.trim());
    if (E.isLeft(axis)) return axis;
    if (axes.some(({ name }) => name === axis.right.name)) return E.left({ _tag: 'AxisTwice', axis: axis.right.name });
    axes.push(axis.right);
  }
  return E.right({ axes });
};

/** A mesh as `parseMesh` reads it. */
export const showMesh = (mesh: Mesh): string => mesh.axes.map(({ name, size }) => `${name}=${size}`).join(',');

/** The size of an axis; 1 where the mesh has none of that name. */
const sizeOfAxis = (mesh: Mesh, axis: string): number => mesh.axes.find(({ name }) => name === axis)?.size ?? 1;

/** Into how many parts some mesh axes split together; an axis that the mesh does not have counts as 1. */
export const extentOver = (mesh: Mesh, axes: readonly string[]): number =>
  axes.reduce((product, axis) => product * sizeOfAxis(mesh, axis), 1);

/** The number of devices of a mesh. */
export const deviceCount = (mesh: Mesh): number => mesh.axes.reduce((product, { size }) => product * size, 1);

/** Where a device stands along some mesh axes together, major first: 0 to `extentOver` − 1. */
export const positionOver = (mesh: Mesh, axes: readonly string[], device: number): number => {
  const coordinates = coordinatesOf(mesh, device);
  return axes.reduce((at, axis) => at * sizeOfAxis(mesh, axis) + (coordinates.get(axis) ?? 0), 0);
};

const coordinatesOf = (mesh: Mesh, device: number): ReadonlyMap<string, number> => {
  const coordinates = new Map<string, number>();
  let rest = device;
  for (const { name, size } of mesh.axes.toReversed()) {
    coordinates.set(name, rest % size);
    rest = Math.floor(rest / size);
  }
  return coordinates;
};
