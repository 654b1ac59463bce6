import { bytesOf, extentOver, type Mesh, type PartitionSpec } from '@torsor/sharding';
import type { TensorType } from '@torsor/tensor';

/** Where an expression lies: per axis the mesh axes that split it. */
export type Layout = {
  readonly axes: readonly (readonly string[])[];
  /** Made of constants only: it lies wherever its use wants it. */
  readonly undecided: boolean;
  /** Made of parameters and other state only, of nothing that differs from sample to sample. */
  readonly state: boolean;
};

/** A layout of the given axes, which is undecided, or state, when all it was made from was. */
export const splitAs = (axes: Layout['axes'], from: readonly Layout[]): Layout => ({
  axes,
  undecided: from.every(({ undecided }) => undecided),
  state: from.every(({ state }) => state),
});

/** The layout of an input. */
export const inputLayout = (spec: PartitionSpec, { shape }: TensorType, state: boolean): Layout => ({
  axes: shape.map((_, axis) => spec[axis] ?? []),
  undecided: false,
  state,
});

/** A layout without the splits that the extents do not allow. */
export const fitting = (mesh: Mesh, { shape }: TensorType, layout: Layout): Layout => ({
  ...layout,
  axes: layout.axes.map((names, axis) => ((shape[axis] ?? 1) % extentOver(mesh, names) === 0 ? names : [])),
});

/** All mesh axes that split something. */
export const namesOf = ({ axes }: Pick<Layout, 'axes'>): readonly string[] => axes.flat();

/** The bytes that each device holds. */
export const localBytes = (mesh: Mesh, type: TensorType, layout: Pick<Layout, 'axes'>): number =>
  bytesOf(type) / extentOver(mesh, namesOf(layout));
