import type { AnyPrimitive, ApplyNode, Primitive } from './expr.js';
import { addP, divP, mulP, negP, subP } from './ops/arithmetic.js';
import { blockP } from './ops/block.js';
import { broadcastInDimP, reduceSumP } from './ops/broadcast.js';
import { andP, compareP, notP, orP, selectP } from './ops/compare.js';
import { constantP, iotaP } from './ops/constant.js';
import { convertP, stopGradientP } from './ops/convert.js';
import { cumsumP } from './ops/cumsum.js';
import { dotGeneralP } from './ops/dot.js';
import { dynamicSliceP, dynamicUpdateSliceP } from './ops/dynamic.js';
import {
  absP,
  ceilP,
  cosP,
  expm1P,
  expP,
  floorP,
  isFiniteP,
  log1pP,
  logisticP,
  logP,
  roundNearestEvenP,
  rsqrtP,
  signP,
  sinP,
  sqrtP,
  tanhP,
} from './ops/elementwise.js';
import { argmaxP, maximumP, minimumP, reduceMaxP, reduceMinP } from './ops/extrema.js';
import { gatherP, scatterAddP } from './ops/gather.js';
import { powP, remP } from './ops/powers.js';
import { scanP } from './ops/scan.js';
import { reshapeP, transposeP } from './ops/shape.js';
import { concatenateP, padP, sliceP } from './ops/slice.js';
import type { TensorType } from './type.js';
import type { WorkName } from './work.js';

/** Every primitive by name. A backend is a table over exactly these names. */
export const primitives = {
  abs: absP,
  add: addP,
  and: andP,
  argmax: argmaxP,
  block: blockP,
  broadcast_in_dim: broadcastInDimP,
  ceil: ceilP,
  compare: compareP,
  concatenate: concatenateP,
  constant: constantP,
  convert: convertP,
  cos: cosP,
  cumsum: cumsumP,
  div: divP,
  dot_general: dotGeneralP,
  dynamic_slice: dynamicSliceP,
  dynamic_update_slice: dynamicUpdateSliceP,
  exp: expP,
  expm1: expm1P,
  floor: floorP,
  gather: gatherP,
  iota: iotaP,
  is_finite: isFiniteP,
  log: logP,
  log1p: log1pP,
  logistic: logisticP,
  maximum: maximumP,
  minimum: minimumP,
  mul: mulP,
  neg: negP,
  not: notP,
  or: orP,
  pad: padP,
  pow: powP,
  reduce_max: reduceMaxP,
  reduce_min: reduceMinP,
  reduce_sum: reduceSumP,
  rem: remP,
  reshape: reshapeP,
  round_nearest_even: roundNearestEvenP,
  rsqrt: rsqrtP,
  scan: scanP,
  scatter_add: scatterAddP,
  select: selectP,
  sign: signP,
  sin: sinP,
  slice: sliceP,
  sqrt: sqrtP,
  stop_gradient: stopGradientP,
  sub: subP,
  tanh: tanhP,
  transpose: transposeP,
} as const satisfies { readonly [N in WorkName]: AnyPrimitive & { readonly name: N } };

/** The primitives and their types. */
export type Catalogue = typeof primitives;

/** The name of a primitive. */
export type PrimitiveName = keyof Catalogue;

/** The name of the primitive that a node applies: nodes are made of the catalogue's primitives alone. */
export const primitiveNameOf = (node: ApplyNode): PrimitiveName => node.primitive.name as PrimitiveName;

/** The parameters of a primitive. */
export type ParamsOf<N extends PrimitiveName> = Catalogue[N] extends Primitive<string, infer P> ? P : never;

/** An application of a primitive as a backend sees it: everything but the data. */
export type Application<N extends PrimitiveName> = {
  readonly name: N;
  readonly params: ParamsOf<N>;
  readonly operands: readonly TensorType[];
  readonly results: readonly TensorType[];
};

/** A rule for every primitive: a missing one does not compile. `R` is what a backend makes of an application. */
export type Algebra<R> = { readonly [N in PrimitiveName]: (application: Application<N>) => R };

/** What an algebra makes of a node: the one place where a node's params meet the rule for its primitive. */
export const applyAlgebra = <R>(algebra: Algebra<R>, node: ApplyNode): R => {
  const name = primitiveNameOf(node);
  const rule = algebra[name] as (application: Application<PrimitiveName>) => R;
  return rule({
    name,
    params: node.params as ParamsOf<PrimitiveName>,
    operands: node.operands.map(({ type }) => type),
    results: node.results.map(({ type }) => type),
  });
};
