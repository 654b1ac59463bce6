import type { ApplyNode } from './expr.js';

/**
 * What it takes to have a primitive's results again.
 *
 * - `repeats`: one element many times: cheaper to repeat again than to keep.
 * - `moves`: no arithmetic; elements are moved or renamed.
 * - `computes`: some arithmetic for each element.
 * - `multiplies`: a product, or memory read here and there: dearer to have again than to keep.
 */
type Work = 'repeats' | 'moves' | 'computes' | 'multiplies';

/** The work of each primitive; a block's is that of its body. */
const works = {
  abs: 'computes',
  add: 'computes',
  and: 'computes',
  argmax: 'computes',
  block: 'computes',
  broadcast_in_dim: 'repeats',
  ceil: 'computes',
  compare: 'computes',
  concatenate: 'computes',
  constant: 'computes',
  convert: 'moves',
  cos: 'computes',
  cumsum: 'computes',
  div: 'computes',
  dot_general: 'multiplies',
  dynamic_slice: 'computes',
  dynamic_update_slice: 'computes',
  exp: 'computes',
  expm1: 'computes',
  floor: 'computes',
  gather: 'multiplies',
  iota: 'computes',
  is_finite: 'computes',
  log: 'computes',
  log1p: 'computes',
  logistic: 'computes',
  maximum: 'computes',
  minimum: 'computes',
  mul: 'computes',
  neg: 'computes',
  not: 'computes',
  or: 'computes',
  pad: 'computes',
  pow: 'computes',
  reduce_max: 'computes',
  reduce_min: 'computes',
  reduce_sum: 'computes',
  rem: 'computes',
  reshape: 'moves',
  round_nearest_even: 'computes',
  rsqrt: 'computes',
  scan: 'multiplies',
  scatter_add: 'multiplies',
  select: 'computes',
  sign: 'computes',
  sin: 'computes',
  slice: 'moves',
  sqrt: 'computes',
  stop_gradient: 'moves',
  sub: 'computes',
  tanh: 'computes',
  transpose: 'moves',
} as const satisfies Readonly<Record<string, Work>>;

/** The names that the catalogue must have, all and only. */
export type WorkName = keyof typeof works;

/** What it takes to have a node's results again: nodes are made of the catalogue's primitives alone. */
export const workOf = (node: ApplyNode): Work => works[node.primitive.name as WorkName];
