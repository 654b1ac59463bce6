import { type Carried, carried } from './carried.js';
import type { Layout } from './layout.js';

/** Layouts put together: on each axis the first that says something, each mesh axis once. */
export const agreed = (layouts: readonly Layout[]): Layout['axes'] => {
  const taken = new Set<string>();
  const axes: (readonly string[])[] = (layouts[0]?.axes ?? []).map(() => []);
  for (const { axes: wanted } of layouts) {
    for (const [axis, names] of wanted.entries()) {
      const free = names.filter((name) => !taken.has(name));
      if (axes[axis]?.length !== 0 || free.length === 0) continue;
      axes[axis] = free;
      for (const name of free) taken.add(name);
    }
  }
  return axes;
};

/** The part of a layout that another one has on the same axes. */
export const shared = (layout: Layout, with_: Layout['axes']): Layout['axes'] =>
  layout.axes.map((names, axis) => names.filter((name) => with_[axis]?.includes(name) === true));

/**
 * Operands and result of one shape. State is not moved: what meets it is laid out as it is, so that an optimizer's update
 * happens where the parameter lies.
 */
export const elementwise = (operands: readonly Layout[]): Carried => {
  const stateFirst = [...operands.filter(({ state }) => state), ...operands.filter(({ state }) => !state)];
  const result = agreed(stateFirst);
  return carried(operands, result, { kept: operands.map((layout) => shared(layout, result)) });
};
