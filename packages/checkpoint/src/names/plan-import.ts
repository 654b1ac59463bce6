import { bindShape, type Sizes, shapeOf, sizeOf } from './axes.js';
import {
  type ConversionPlan,
  type Misshaped,
  type NameDifference,
  type PlannedTensor,
  type Shapes,
  showShape,
} from './plan.js';
import type { NameMap, NameRule, UnreadTensor } from './rule.js';
import { axesOf, expectedShape, orderOf, partsOf, sliceShape } from './rule-slices.js';

/** What a PyTorch file does not tell: how its merged axes divide into heads. */
export type HeadSizes = {
  /** Numbers in each head of Gemma; 256 in every released model. */
  readonly headDim: number;
  /** Heads of the vision tower; 16 in every released model. */
  readonly imageHeads: number;
};

const layerIndex = /(?<=\.layers\.)(0|[1-9]\d*)(?=\.)/;

/** Layers of each scope: one more than the highest number among the names that its rules know. */
const layersByScope = ({ rules }: NameMap, theirs: Shapes): ReadonlyMap<string, number> => {
  const scopes = new Map(rules.flatMap((rule) => rule.theirs.map((name) => [name, rule.scope] as const)));
  const layers = new Map<string, number>();
  for (const name of theirs.keys()) {
    const layer = Number(layerIndex.exec(name)?.[0] ?? -1);
    const scope = scopes.get(name.replace(layerIndex, '{l}'));
    // A number above that of all tensors is no layer; counting up to it would take forever.
    if (scope === undefined || layer < 0 || layer >= theirs.size) continue;
    layers.set(scope, Math.max(layers.get(scope) ?? 0, layer + 1));
  }
  return layers;
};

class Importer {
  readonly sizes: Sizes = new Map();
  readonly used = new Set<string>();
  readonly missing: string[] = [];
  readonly misshaped: Misshaped[] = [];
  readonly tied: (readonly [string, string])[] = [];
  private readonly theirs: Shapes;

  constructor(theirs: Shapes) {
    this.theirs = theirs;
  }

  /** The name under which a tensor is stored, and its shape. */
  find(names: readonly string[]): readonly [string, readonly number[]] | undefined {
    const found = names.filter((name) => this.theirs.has(name));
    for (const name of found) this.used.add(name);
    const [kept, ...duplicates] = found;
    const shape = kept === undefined ? undefined : this.theirs.get(kept);
    if (kept === undefined || shape === undefined) return undefined;
    for (const duplicate of duplicates) this.tied.push([kept, duplicate]);
    return [kept, shape];
  }

  fits(name: string, shape: readonly number[], scope: string, groups: readonly (readonly string[])[]): boolean {
    if (bindShape(this.sizes, scope, groups, shape)) return true;
    this.misshaped.push({ name, expected: expectedShape(this.sizes, scope, groups), actual: showShape(shape) });
    return false;
  }

  /** Our tensor, if every part of it is there and fits. */
  tensor(rule: NameRule): PlannedTensor | undefined {
    const { ours, theirs, oursGroups, theirsGroups } = axesOf(rule);
    const parts = partsOf(rule, this.sizes);
    if (parts.length === 0) this.missing.push(...rule.theirs);
    const sources = parts.flatMap((part) => {
      const found = this.find([part.theirs, ...rule.tied]);
      if (found === undefined) this.missing.push(part.theirs);
      return found !== undefined && this.fits(...found, rule.scope, theirsGroups) ? [found[0]] : [];
    });
    const shape = shapeOf(this.sizes, rule.scope, oursGroups);
    if (shape === undefined || sources.length === 0 || sources.length < parts.length) return undefined;
    const from = sliceShape(this.sizes, rule.scope, theirs);
    const order = orderOf(theirs, ours);
    return { name: rule.ours, shape, slices: sources.map((source) => ({ source, offset: 0, shape: from, order })) };
  }
}

/** Notes an unread tensor whose shape contradicts the sizes known; one that a refused tensor would have told is not known. */
const checkUnread = (importer: Importer, { name, axes }: UnreadTensor, actual: readonly number[]): void => {
  const sizes = axes.map(([scope, letter]) => sizeOf(importer.sizes, scope, letter));
  const agree = sizes.length === actual.length && sizes.every((size, i) => size === undefined || size === actual[i]);
  const expected = `[${axes.map(([, letter], i) => sizes[i] ?? letter).join(',')}]`;
  if (!agree) importer.misshaped.push({ name, expected, actual: showShape(actual) });
};

const checkTied = (importer: Importer, theirs: Shapes): void => {
  for (const [kept, duplicate] of importer.tied) {
    const [expected, actual] = [theirs.get(kept) ?? [], theirs.get(duplicate) ?? []].map(showShape);
    if (expected !== undefined && actual !== undefined && expected !== actual)
      importer.misshaped.push({ name: duplicate, expected, actual });
  }
};

/**
 * How the tensors of a PyTorch file become ours.
 *
 * @param theirs - shapes by the file's names.
 * @returns the plan, and every key that stands in its way.
 */
export const planImport = (
  map: NameMap,
  theirs: Shapes,
  { headDim, imageHeads }: HeadSizes,
): { plan: ConversionPlan; difference: NameDifference } => {
  const importer = new Importer(theirs);
  const { sizes } = importer;
  for (const [scope, letter, size] of [
    ['llm', 'e', headDim],
    ['expert', 'e', headDim],
    ['img', 'n', imageHeads],
  ] as const)
    sizes.set(`${scope}.${letter}`, size);
  for (const [scope, layers] of layersByScope(map, theirs)) sizes.set(`${scope}.l`, layers);
  const tensors = map.rules.flatMap((rule) => importer.tensor(rule) ?? []);
  const unread = map.unread.filter((tensor) => {
    const found = importer.find([tensor.name]);
    if (found !== undefined) checkUnread(importer, tensor, found[1]);
    return found !== undefined;
  });
  checkTied(importer, theirs);
  const unused = [...theirs.keys()].filter((name) => !importer.used.has(name));
  return {
    plan: { tensors, tied: importer.tied, aliases: {}, unread },
    difference: { missing: importer.missing, unused, misshaped: importer.misshaped },
  };
};
