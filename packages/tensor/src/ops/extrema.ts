import * as E from 'fp-ts/lib/Either.js';
import { apply, type Expr, type Primitive, withType } from '../expr.js';
import {
  axesFit,
  checkOperands,
  gradients,
  type NoParams,
  noGradients,
  operandAt,
  sameTypes,
  single,
  zipData,
} from '../rule.js';
import { applyBroadcast, type Operand, zerosLike } from '../sugar.js';
import { element, entry, extentOf, stridesOf, TensorType } from '../type.js';
import { div, mul } from './arithmetic.js';
import {
  broadcastReduced,
  inferReduce,
  normalAxes,
  type ReduceParams,
  reducedIndices,
  reduceSum,
} from './broadcast.js';
import { eq, select } from './compare.js';
import { convert } from './convert.js';

const none: NoParams = {};

/** The larger of two numbers; NaN when either is. At a tie each operand gets half the cotangent, as in JAX. */
const extremum = <Name extends 'maximum' | 'minimum'>(
  name: Name,
  f: (a: number, b: number) => number,
): Primitive<Name, NoParams> =>
  single<Name, NoParams>({
    name,
    infer: sameTypes(2, 'number'),
    // d max(x, y) = dx where x is the larger, dy where y is, half of each at a tie
    vjp: ({ operands, result, ct }) => {
      const zero = zerosLike(ct);
      const [x, y] = [operandAt(operands, 0), operandAt(operands, 1)];
      const tie = eq(x, y);
      const share = select(tie, mul(ct, 0.5), ct);
      return gradients(select(eq(x, result), share, zero), select(eq(y, result), share, zero));
    },
    ref: (_params, operands) => zipData(operandAt(operands, 0), operandAt(operands, 1), f),
  });

/** Elementwise maximum. */
export const maximumP: Primitive<'maximum', NoParams> = extremum('maximum', Math.max);
/** The larger of two, broadcast; NaN when either is. */
export const maximum = (x: Operand, y: Operand): Expr => applyBroadcast(maximumP, none, [x, y]);

/** Elementwise minimum. */
export const minimumP: Primitive<'minimum', NoParams> = extremum('minimum', Math.min);
/** The smaller of two, broadcast; NaN when either is. */
export const minimum = (x: Operand, y: Operand): Expr => applyBroadcast(minimumP, none, [x, y]);

/** A reduction by maximum or minimum; tied elements share the cotangent equally, as in JAX. */
const reduceExtremum = <Name extends 'reduce_max' | 'reduce_min'>(
  name: Name,
  identity: number,
  f: (a: number, b: number) => number,
): Primitive<Name, ReduceParams> =>
  single<Name, ReduceParams>({
    name,
    infer: (params, operands) => {
      const result = inferReduce('number')(params, operands);
      if (E.isLeft(result)) return result;
      const { shape } = operandAt(operands, 0);
      const empty = params.axes.find((axis) => shape[axis] === 0);
      return empty === undefined ? result : E.left(`axis ${empty} is empty: there is no extreme element`);
    },
    // d max x = Σ over the attaining elements of dx, divided by their number
    vjp: ({ params, operands, result, ct }) => {
      const x = operandAt(operands, 0);
      const { shape } = x.type;
      const attained = eq(x, broadcastReduced(result, shape, params.axes));
      const count = reduceSum(convert(attained, x.type.dtype), params.axes);
      const share = broadcastReduced(div(ct, count), shape, params.axes);
      return gradients(select(attained, share, zerosLike(share)));
    },
    ref: ({ axes }, operands, result) => {
      const x = operandAt(operands, 0);
      const out = new Float64Array(result.shape.reduce((a, b) => a * b, 1)).fill(identity);
      const target = reducedIndices(x.type.shape, axes);
      for (let i = 0; i < target.length; i++) {
        const at = target[i] ?? 0;
        out[at] = f(element(out, at), element(x.data, i));
      }
      return out;
    },
  });

/** The largest element over axes. */
export const reduceMaxP: Primitive<'reduce_max', ReduceParams> = reduceExtremum(
  'reduce_max',
  Number.NEGATIVE_INFINITY,
  Math.max,
);
/** The largest element over axes, all by default; NaN when one is. */
export const reduceMax = (x: Expr, axes?: readonly number[]): Expr =>
  withType(x, ({ shape }) => apply(reduceMaxP, { axes: normalAxes(axes, shape.length) }, [x]));

/** The smallest element over axes. */
export const reduceMinP: Primitive<'reduce_min', ReduceParams> = reduceExtremum(
  'reduce_min',
  Number.POSITIVE_INFINITY,
  Math.min,
);
/** The smallest element over axes, all by default; NaN when one is. */
export const reduceMin = (x: Expr, axes?: readonly number[]): Expr =>
  withType(x, ({ shape }) => apply(reduceMinP, { axes: normalAxes(axes, shape.length) }, [x]));

/** The axis that the search runs along. */
export type ArgmaxParams = {
  readonly axis: number;
};

/** The position of the largest element along an axis: the first one at a tie; a NaN counts as the largest. */
export const argmaxP: Primitive<'argmax', ArgmaxParams> = single<'argmax', ArgmaxParams>({
  name: 'argmax',
  infer: ({ axis }, operands) => {
    const checked = checkOperands(operands, 1, 'number');
    if (E.isLeft(checked)) return checked;
    const { shape } = operandAt(operands, 0);
    if (!axesFit([axis], shape.length)) return E.left(`axis ${axis} is outside the rank ${shape.length}`);
    if (shape[axis] === 0) return E.left(`axis ${axis} is empty: there is no largest element`);
    return E.right(
      new TensorType(
        'i32',
        shape.filter((_, other) => other !== axis),
      ),
    );
  },
  vjp: () => noGradients(1),
  ref: ({ axis }, operands, result) => {
    const { data, type } = operandAt(operands, 0);
    const stride = entry(stridesOf(type.shape), axis);
    const extent = extentOf(type.shape, axis);
    return new Float64Array(result.shape.reduce((a, b) => a * b, 1)).map((_, i) => {
      const start = Math.floor(i / stride) * stride * extent + (i % stride);
      return firstLargest(data, start, stride, extent);
    });
  },
});

const firstLargest = (data: Float64Array, start: number, stride: number, extent: number): number => {
  let best = 0;
  for (let i = 1; i < extent; i++) {
    const largest = element(data, start + best * stride);
    const candidate = element(data, start + i * stride);
    if (candidate > largest || (Number.isNaN(candidate) && !Number.isNaN(largest))) best = i;
  }
  return best;
};

/** The position of the largest element along an axis, the last by default. */
export const argmax = (x: Expr, axis = -1): Expr =>
  withType(x, ({ shape }) => apply(argmaxP, { axis: axis < 0 ? axis + shape.length : axis }, [x]));
