/** Letters of each axis of a form; `(h e) d` gives `[[h, e], [d]]`. */
export const groupsOf = (form: string): readonly (readonly string[])[] =>
  [...form.matchAll(/\(([^)]*)\)|\S+/g)].map(([token, inside]) => (inside ?? token).split(' '));

/** Our axes: those that count tensors on the other side, and those of one such tensor. */
export type SplitAxes = {
  /** `l` and numbers. */
  readonly counting: readonly string[];
  readonly letters: readonly string[];
};

const isNumber = (axis: string): boolean => /^\d+$/.test(axis);

/** Splits `l 2 k d e` into `[l, 2]` and `[k, d, e]`. */
export const splitAxes = (axes: string): SplitAxes => {
  const all = axes.split(' ');
  const first = all.findIndex((axis) => axis !== 'l' && !isNumber(axis));
  return first < 0 ? { counting: all, letters: [] } : { counting: all.slice(0, first), letters: all.slice(first) };
};

/** Whether a rule has one tensor for each layer on the other side. */
export const isLayered = (axes: string): boolean => axes.split(' ').includes('l');

/** Sizes of letters, each under `scope.letter`. */
export type Sizes = Map<string, number>;

const product = (sizes: readonly number[]): number => sizes.reduce((n, size) => n * size, 1);

/** Size of an axis, if it is known. */
export const sizeOf = (sizes: Sizes, scope: string, axis: string): number | undefined =>
  isNumber(axis) ? Number(axis) : sizes.get(`${scope}.${axis}`);

/** The shape that a form has under the sizes known; `undefined` when a letter has none yet. */
export const shapeOf = (
  sizes: Sizes,
  scope: string,
  groups: readonly (readonly string[])[],
): readonly number[] | undefined => {
  const shape: number[] = [];
  for (const group of groups) {
    const known = group.flatMap((axis) => sizeOf(sizes, scope, axis) ?? []);
    if (known.length < group.length) return undefined;
    shape.push(product(known));
  }
  return shape;
};

// A merged axis tells the size of one letter when it knows those of the others and they divide it.
const bindGroup = (sizes: Sizes, scope: string, group: readonly string[], dim: number): boolean => {
  if (dim < 1) return false;
  const unknown = group.filter((axis) => sizeOf(sizes, scope, axis) === undefined);
  const known = product(group.flatMap((axis) => sizeOf(sizes, scope, axis) ?? []));
  const [letter] = unknown;
  if (letter === undefined) return known === dim;
  if (unknown.length > 1 || dim % known !== 0) return false;
  sizes.set(`${scope}.${letter}`, dim / known);
  return true;
};

/**
 * Whether a shape, of sizes from 1, has a form under the sizes known so far; sizes that it tells are added.
 *
 * @law after `true`, `shapeOf` of the same form is that shape.
 */
export const bindShape = (
  sizes: Sizes,
  scope: string,
  groups: readonly (readonly string[])[],
  shape: readonly number[],
): boolean =>
  shape.length === groups.length && groups.every((group, i) => bindGroup(sizes, scope, group, shape[i] ?? -1));
