import * as O from 'fp-ts/lib/Option.js';
import { type NameFeatures, namePrefix } from './name-map.js';
import type { Shapes } from './plan.js';
import type { FamilyNames, NameFormat } from './rule.js';

const marks: readonly (readonly [NameFormat, string])[] = [
  ['lerobot', 'model.paligemma_with_expert.'],
  ['openpi-pytorch', 'paligemma_with_expert.'],
  ['torsor', 'PaliGemma/'],
];

/** Whose names these are; none when no name begins as those of a known format do. */
export const detectFormat = (names: Iterable<string>): O.Option<NameFormat> => {
  const all = [...names];
  const mark = marks.find(([, begin]) => all.some((name) => name.startsWith(begin)));
  return mark === undefined ? O.none : O.some(mark[0]);
};

/** The family that has a mark in these shapes, else the one that has none. */
const familyOf = (
  shapes: Shapes,
  families: readonly FamilyNames[],
  pathOf: (head: string) => string,
): O.Option<FamilyNames> =>
  O.fromNullable(
    families.find(({ marks }) => marks.some((head) => shapes.has(pathOf(head)))) ??
      families.find(({ marks }) => marks.length === 0),
  );

const isFusedIn = (format: NameFormat, shapes: Shapes): NameFeatures['fused'] => {
  if (format === 'torsor') {
    const has = (suffix: string): boolean => shapes.has(`PaliGemma/llm/layers/attn/qkv_einsum${suffix}/w`);
    return { llm: has(''), expert: has('_1') };
  }
  const isFused = (decoder: string): boolean => {
    const [q, k] = ['q', 'k'].map((p) =>
      shapes.get(`${namePrefix[format]}paligemma_with_expert.${decoder}.layers.0.self_attn.${p}_proj.weight`),
    );
    return q !== undefined && k !== undefined && q.join() === k.join();
  };
  return { llm: isFused('paligemma.model.language_model'), expert: isFused('gemma_expert.model') };
};

/**
 * Which family these shapes are of, by the heads that it alone has. openpi merges queries, keys and values where all have as many
 * heads, which in PyTorch shows as projections of one shape.
 *
 * @param families - those that are known.
 * @returns none when no family has a mark in them and all have marks.
 */
export const detectFeatures = (
  format: NameFormat,
  shapes: Shapes,
  families: readonly FamilyNames[],
): O.Option<NameFeatures> => {
  const pathOf = (head: string): string =>
    format === 'torsor' ? `${head}/kernel` : `${namePrefix[format]}${head}.weight`;
  return O.map((family: FamilyNames) => ({ family, fused: isFusedIn(format, shapes) }))(
    familyOf(shapes, families, pathOf),
  );
};
