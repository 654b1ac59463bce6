import { bindShape, type Sizes, shapeOf } from './axes.js';
import {
  type ConversionPlan,
  type Misshaped,
  type NameDifference,
  type PlannedTensor,
  type Shapes,
  showShape,
} from './plan.js';
import type { NameMap, NameRule } from './rule.js';
import { axesOf, expectedShape, orderOf, partsOf, sliceShape } from './rule-slices.js';

const product = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);

const tensorsOf = (rule: NameRule, sizes: Sizes): readonly PlannedTensor[] => {
  const { ours, theirs, theirsGroups } = axesOf(rule);
  const from = sliceShape(sizes, rule.scope, ours);
  const order = orderOf(ours, theirs);
  const shape = shapeOf(sizes, rule.scope, theirsGroups) ?? [];
  return partsOf(rule, sizes).map((part) => ({
    name: part.theirs,
    shape,
    slices: [{ source: rule.ours, offset: part.index * product(from), shape: from, order }],
  }));
};

/** For each further name of a tied tensor, the one under which it is stored. */
export const aliasesOf = ({ rules }: NameMap): ConversionPlan['aliases'] =>
  Object.fromEntries(rules.flatMap(({ theirs: [kept = ''], tied }) => tied.map((alias) => [alias, kept])));

/**
 * How our tensors become those of a PyTorch format.
 *
 * @param ours - shapes by openpi's JAX path.
 * @returns the plan, and every key that stands in its way.
 */
export const planExport = (map: NameMap, ours: Shapes): { plan: ConversionPlan; difference: NameDifference } => {
  const sizes: Sizes = new Map();
  const missing: string[] = [];
  const misshaped: Misshaped[] = [];
  const tensors: PlannedTensor[] = [];
  for (const rule of map.rules) {
    const shape = ours.get(rule.ours);
    const { oursGroups } = axesOf(rule);
    if (shape === undefined) missing.push(rule.ours);
    else if (bindShape(sizes, rule.scope, oursGroups, shape)) tensors.push(...tensorsOf(rule, sizes));
    else {
      const expected = expectedShape(sizes, rule.scope, oursGroups);
      misshaped.push({ name: rule.ours, expected, actual: showShape(shape) });
    }
  }
  const known = new Set(map.rules.map((rule) => rule.ours));
  const zeros = map.unread.map(({ name, axes }) => ({
    name,
    shape: axes.map(([scope, letter]) => sizes.get(`${scope}.${letter}`) ?? 0),
    slices: [],
  }));
  return {
    plan: { tensors: [...tensors, ...zeros], tied: [], aliases: aliasesOf(map), unread: map.unread },
    difference: { missing, unused: [...ours.keys()].filter((name) => !known.has(name)), misshaped },
  };
};
