import * as O from 'fp-ts/lib/Option.js';
import { type NameFeatures, namePrefix } from './name-map.js';
import type { Shapes } from './plan.js';
import type { Family, NameFormat } from './rule.js';

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

const familyOf = (shapes: Shapes, actionIn: string, timeIn: string): Family => {
  if (shapes.has(timeIn)) return 'pi05';
  return shapes.has(actionIn) ? 'pi0' : 'pi0-fast';
};

const ourFeatures = (shapes: Shapes): NameFeatures => {
  const isFused = (suffix: string): boolean => shapes.has(`PaliGemma/llm/layers/attn/qkv_einsum${suffix}/w`);
  return {
    family: familyOf(shapes, 'action_in_proj/kernel', 'time_mlp_in/kernel'),
    fused: { llm: isFused(''), expert: isFused('_1') },
  };
};

/**
 * Which of the three models these shapes are of: π0.5 has a time MLP of its own, π0 an action projection, π0-FAST neither. openpi
 * merges queries, keys and values where all have as many heads, which in PyTorch shows as projections of one shape.
 */
export const detectFeatures = (format: NameFormat, shapes: Shapes): NameFeatures => {
  if (format === 'torsor') return ourFeatures(shapes);
  const prefix = namePrefix[format];
  const isFused = (decoder: string): boolean => {
    const [q, k] = ['q', 'k'].map((p) =>
      shapes.get(`${prefix}paligemma_with_expert.${decoder}.layers.0.self_attn.${p}_proj.weight`),
    );
    return q !== undefined && k !== undefined && q.join() === k.join();
  };
  return {
    family: familyOf(shapes, `${prefix}action_in_proj.weight`, `${prefix}time_mlp_in.weight`),
    fused: { llm: isFused('paligemma.model.language_model'), expert: isFused('gemma_expert.model') },
  };
};
