import { groupsOf, isLayered, type Sizes, shapeOf, sizeOf, splitAxes } from './axes.js';
import type { NameRule } from './rule.js';

/** One tensor on the other side of a rule, and the part of ours that it is. */
export type RulePart = {
  readonly theirs: string;
  /** Position among the parts of our tensor, which follow one another. */
  readonly index: number;
};

/** The name of a layer. */
const layerName = (pattern: string, layer: number): string => pattern.replace('{l}', String(layer));

/** Tensors on the other side of a rule, in the order in which they make up ours; the size of `l` must be known. */
export const partsOf = (rule: NameRule, sizes: Sizes): readonly RulePart[] => {
  const layers = isLayered(rule.axes) ? (sizeOf(sizes, rule.scope, 'l') ?? 0) : 1;
  return Array.from({ length: layers }, (_, layer) => rule.theirs.map((name) => layerName(name, layer)))
    .flat()
    .map((theirs, index) => ({ theirs, index }));
};

/** The axes of a rule's slices on both sides. */
export type RuleAxes = {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly oursGroups: readonly (readonly string[])[];
  readonly theirsGroups: readonly (readonly string[])[];
};

/** Letters of one slice in our order and in theirs, and the forms of the whole tensors. */
export const axesOf = (rule: NameRule): RuleAxes => ({
  ours: splitAxes(rule.axes).letters,
  theirs: groupsOf(rule.form).flat(),
  oursGroups: groupsOf(rule.axes),
  theirsGroups: groupsOf(rule.form),
});

/** Where each axis of `to` stands in `from`. */
export const orderOf = (from: readonly string[], to: readonly string[]): readonly number[] =>
  to.map((axis) => from.indexOf(axis));

/** Sizes of some axes; all must be known. */
export const sliceShape = (sizes: Sizes, scope: string, axes: readonly string[]): readonly number[] =>
  axes.map((axis) => sizeOf(sizes, scope, axis) ?? 0);

/** What a message says was expected: the shape where it is known, else the axes with the sizes that are. */
export const expectedShape = (sizes: Sizes, scope: string, groups: readonly (readonly string[])[]): string => {
  const shape = shapeOf(sizes, scope, groups);
  if (shape !== undefined) return `[${shape.join(',')}]`;
  const show = (axis: string): string => {
    const size = sizeOf(sizes, scope, axis);
    return size === undefined || axis === String(size) ? axis : `${axis}=${size}`;
  };
  return `[${groups.map((group) => group.map(show).join('*')).join(', ')}]`;
};
