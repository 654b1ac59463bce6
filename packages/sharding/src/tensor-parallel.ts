import type { TensorType } from '@torsor/tensor';
import { extentOver, type Mesh, type PartitionSpec } from './mesh.js';

/** Which axis of the parameters at some paths is split over the mesh axis `tensor`. */
export type TensorRule = {
  /** A regular expression of the end of a path. */
  readonly pattern: string;
  /** Counted from the last axis, −1, so that a leading axis of stacked layers does not matter. */
  readonly axis: number;
  /**
   * `column` splits what a product makes: its inputs are whole and nothing is exchanged. `row` splits what a product sums
   * over: its outputs are added up over the devices. `vocabulary` splits the rows of a table: what is looked up is added up.
   */
  readonly role: 'column' | 'row' | 'vocabulary';
  /** What happens to an extent that does not divide: keys and values of a single head are computed by every device. */
  readonly otherwise: 'refuse' | 'replicate';
};

/**
 * How openpi's transformer is split: heads for the attention, hidden units for the feed-forward layer, words for the
 * embedding; one sum over the devices after the attention and one after the feed-forward layer, as Megatron-LM places them
 * (Shoeybi et al. 2019, section 3).
 */
export const tensorRules: readonly TensorRule[] = [
  { pattern: 'attn/q_einsum(_\\d+)?/w', axis: -3, role: 'column', otherwise: 'refuse' },
  { pattern: 'attn/qkv_einsum(_\\d+)?/w', axis: -3, role: 'column', otherwise: 'refuse' },
  { pattern: 'attn/kv_einsum(_\\d+)?/w', axis: -3, role: 'column', otherwise: 'replicate' },
  { pattern: 'attn/attn_vec_einsum(_\\d+)?/w', axis: -3, role: 'row', otherwise: 'refuse' },
  { pattern: 'mlp(_\\d+)?/gating_einsum', axis: -1, role: 'column', otherwise: 'refuse' },
  { pattern: 'mlp(_\\d+)?/linear', axis: -2, role: 'row', otherwise: 'refuse' },
  { pattern: 'embedder/input_embedding', axis: -2, role: 'vocabulary', otherwise: 'refuse' },
];

/** The rule for a path, if any; a prefix of the path, such as the optimizer's, does not matter. */
export const tensorRuleFor = (path: string, rules: readonly TensorRule[] = tensorRules): TensorRule | undefined =>
  rules.find(({ pattern }) => new RegExp(`(^|/)(${pattern})$`, 'u').test(path));

/** The axis of a parameter that is split over `tensor`, if any. */
export const tensorAxis = (
  mesh: Mesh,
  path: string,
  { shape }: TensorType,
  rules: readonly TensorRule[] = tensorRules,
): number | undefined => {
  const parts = extentOver(mesh, ['tensor']);
  const rule = parts === 1 ? undefined : tensorRuleFor(path, rules);
  if (rule === undefined) return undefined;
  const axis = shape.length + rule.axis;
  if (axis < 0) return undefined;
  return rule.otherwise === 'replicate' && (shape[axis] ?? 1) % parts !== 0 ? undefined : axis;
};

/** A layout that also splits an axis over `tensor`. */
export const withTensor = (spec: PartitionSpec, axis: number | undefined): PartitionSpec => {
  if (axis === undefined) return spec;
  const length = Math.max(spec.length, axis + 1);
  return Array.from({ length }, (_, i) => (i === axis ? [...(spec[i] ?? []), 'tensor'] : (spec[i] ?? [])));
};
