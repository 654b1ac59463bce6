import type { Shape } from '@torsor/tensor';
import type { Layout } from './layout.js';

/** Axes of the operand and of the result that hold the same elements, in order. */
type Group = {
  readonly from: readonly number[];
  readonly to: readonly number[];
};

/** Takes axes from `at` on until they hold `size` elements or more. */
const take = (shape: Shape, at: number, size: number): { readonly axes: readonly number[]; readonly size: number } => {
  const axes: number[] = [];
  let held = 1;
  for (let axis = at; axis < shape.length && (axes.length === 0 || held < size); axis++) {
    axes.push(axis);
    held *= shape[axis] ?? 1;
  }
  return { axes, size: held };
};

/** The least group from `i` and `j` on: the side that holds less takes more until both hold as many. */
const groupAt = (from: Shape, to: Shape, i: number, j: number): Group => {
  let [left, right] = [take(from, i, 1), take(to, j, 1)];
  for (let tries = from.length + to.length; left.size !== right.size && tries > 0; tries--) {
    if (left.size < right.size) left = take(from, i, right.size);
    else right = take(to, j, left.size);
  }
  return { from: left.axes, to: right.axes };
};

const groups = (from: Shape, to: Shape): readonly Group[] => {
  const found: Group[] = [];
  let [i, j] = [0, 0];
  while (i < from.length && j < to.length) {
    const group = groupAt(from, to, i, j);
    found.push(group);
    i += group.from.length;
    j += group.to.length;
  }
  return found;
};

const firstLong = (axes: readonly number[], shape: Shape): number =>
  axes.find((axis) => shape[axis] !== 1) ?? axes[0] ?? 0;

/**
 * What a reshape keeps of a layout: of the axes that are put together, or taken apart, the first may be split, for its parts
 * are next to each other; a split of another one is lost.
 */
export const reshaped = (
  axes: Layout['axes'],
  from: Shape,
  to: Shape,
): { readonly kept: Layout['axes']; readonly result: Layout['axes'] } => {
  const kept = axes.map((): readonly string[] => []);
  const result = to.map((): readonly string[] => []);
  for (const group of groups(from, to)) {
    const source = firstLong(group.from, from);
    kept[source] = axes[source] ?? [];
    result[firstLong(group.to, to)] = kept[source] ?? [];
  }
  return { kept, result };
};
