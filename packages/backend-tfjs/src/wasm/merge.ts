import { range, type Shape, sizeOf } from '@torsor/tensor';
import type { Reduction } from '../loops/reduce.js';

/** A reduction over adjacent axes, and how the operand's axes have to be moved for that. */
export type MergedReduction = Reduction & {
  readonly permutation?: readonly number[];
};

/**
 * Brings a reduction to the form `[outer, reduced, inner]`.
 *
 * @param shape - the operand's.
 * @param axes - the reduced ones, ascending.
 */
export const mergedReduction = (shape: Shape, axes: readonly number[]): MergedReduction => {
  const long = axes.filter((axis) => shape[axis] !== 1);
  const [first] = long;
  if (first === undefined) return { outer: sizeOf(shape), reduced: 1, inner: 1 };
  const last = long[long.length - 1] ?? first;
  const between = range(shape.length).filter((axis) => axis > first && axis < last && shape[axis] !== 1);
  if (between.every((axis) => long.includes(axis))) {
    const reduced = sizeOf(shape.slice(first, last + 1));
    return { outer: sizeOf(shape.slice(0, first)), reduced, inner: sizeOf(shape.slice(last + 1)) };
  }
  const kept = range(shape.length).filter((axis) => !axes.includes(axis));
  const extent = (some: readonly number[]): number => sizeOf(some.map((axis) => shape[axis] ?? 1));
  return { outer: extent(kept), reduced: extent(axes), inner: 1, permutation: [...kept, ...axes] };
};
