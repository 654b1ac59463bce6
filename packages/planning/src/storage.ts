import { type ApplyNode, type PrimitiveName, primitiveNameOf } from '@torsor/tensor';

/**
 * Which of a primitive's operands and results compilers keep in memory.
 *
 * - `fused`: it is computed on the way into the kernel that reads it; it has a buffer only where something needs one.
 * - `view`: its operand's buffer under another type.
 * - `result`: its result has a buffer; its operands are computed on the way in.
 * - `buffers`: its results have buffers, and it reads its operands from buffers.
 */
type Storage = 'fused' | 'view' | 'result' | 'buffers';

const storages: { readonly [N in PrimitiveName]: Storage } = {
  abs: 'fused',
  add: 'fused',
  and: 'fused',
  argmax: 'result',
  block: 'buffers',
  broadcast_in_dim: 'fused',
  ceil: 'fused',
  compare: 'fused',
  concatenate: 'result',
  constant: 'fused',
  convert: 'fused',
  cos: 'fused',
  cumsum: 'result',
  div: 'fused',
  dot_general: 'buffers',
  dynamic_slice: 'fused',
  dynamic_update_slice: 'buffers',
  exp: 'fused',
  expm1: 'fused',
  floor: 'fused',
  gather: 'buffers',
  iota: 'fused',
  is_finite: 'fused',
  log: 'fused',
  log1p: 'fused',
  logistic: 'fused',
  maximum: 'fused',
  minimum: 'fused',
  mul: 'fused',
  neg: 'fused',
  not: 'fused',
  or: 'fused',
  pad: 'fused',
  pow: 'fused',
  reduce_max: 'result',
  reduce_min: 'result',
  reduce_sum: 'result',
  rem: 'fused',
  reshape: 'view',
  round_nearest_even: 'fused',
  rsqrt: 'fused',
  scan: 'buffers',
  scatter_add: 'buffers',
  select: 'fused',
  sign: 'fused',
  sin: 'fused',
  slice: 'fused',
  sqrt: 'fused',
  stop_gradient: 'view',
  sub: 'fused',
  tanh: 'fused',
  transpose: 'fused',
};

/** Which of a node's operands and results are kept in memory. */
export const storageOf = (node: ApplyNode): Storage => storages[primitiveNameOf(node)];
