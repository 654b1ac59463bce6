import { type ApplyNode, type PrimitiveName, primitiveNameOf } from '@torsor/tensor';
import { gatheredElement } from './partitioning.js';
import type { Value } from './value.js';

/**
 * What a primitive does with a parameter whose parts lie on several devices.
 *
 * - `used`: it needs the whole: the parts are gathered before it.
 * - `cut`: likewise; but layers cut out of a stack are gathered where each is used.
 * - `converted`: the parts are converted where they lie, and gathered afterwards, in the dtype in which they are used.
 * - `given`: it is given on as it is: a loop slices its parameters itself.
 */
type Gathering = 'used' | 'cut' | 'converted' | 'given';

const gatherings: { readonly [N in PrimitiveName]: Gathering } = {
  abs: 'used',
  add: 'used',
  and: 'used',
  argmax: 'used',
  block: 'given',
  broadcast_in_dim: 'used',
  ceil: 'used',
  compare: 'used',
  concatenate: 'used',
  constant: 'used',
  convert: 'converted',
  cos: 'used',
  cumsum: 'used',
  div: 'used',
  dot_general: 'used',
  dynamic_slice: 'used',
  dynamic_update_slice: 'used',
  exp: 'used',
  expm1: 'used',
  floor: 'used',
  gather: 'used',
  iota: 'used',
  is_finite: 'used',
  log: 'used',
  log1p: 'used',
  logistic: 'used',
  maximum: 'used',
  minimum: 'used',
  mul: 'used',
  neg: 'used',
  not: 'used',
  or: 'used',
  pad: 'used',
  pow: 'used',
  reduce_max: 'used',
  reduce_min: 'used',
  reduce_sum: 'used',
  rem: 'used',
  reshape: 'used',
  round_nearest_even: 'used',
  rsqrt: 'used',
  scan: 'used',
  scatter_add: 'used',
  select: 'used',
  sign: 'used',
  sin: 'used',
  slice: 'cut',
  sqrt: 'used',
  stop_gradient: 'used',
  sub: 'used',
  tanh: 'used',
  transpose: 'used',
};

const gatheringOf = (node: ApplyNode): Gathering => gatherings[primitiveNameOf(node)];

/** Whether a node's operands are gathered before it. */
export const gathersOperands = (node: ApplyNode): boolean => ['used', 'cut'].includes(gatheringOf(node));

/** What is known of the place of a result: of a conversion what was known before; of layers cut out of a stack, where they are used. */
export const inherited = (
  node: ApplyNode,
  { layout, wanted, type }: Value,
  result: Value,
): Pick<Value, 'layout' | 'wanted'> => {
  const gathering = gatheringOf(node);
  if (gathering === 'converted') return { layout, wanted };
  const cut = gathering === 'cut' && result.type.shape[0] !== type.shape[0];
  const rest = cut ? gatheredElement(layout) : undefined;
  return rest === undefined ? {} : { wanted: [[], ...rest] };
};
