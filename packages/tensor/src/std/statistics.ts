import { type Expr, withType } from '../expr.js';
import { add, div, mul, sub } from '../ops/arithmetic.js';
import { broadcastReduced, normalAxes, reduceSum } from '../ops/broadcast.js';
import { select } from '../ops/compare.js';
import { stopGradient } from '../ops/convert.js';
import { exp, isFinite, log } from '../ops/elementwise.js';
import { reduceMax } from '../ops/extrema.js';
import { zerosLike } from '../sugar.js';
import { extentOf, type Shape } from '../type.js';

const countOver = (shape: Shape, axes: readonly number[]): number =>
  axes.reduce((count, axis) => count * extentOf(shape, axis), 1);

/** Puts reduced axes back: a reduction's result repeated to the shape it was reduced from. */
const restored = (x: Expr, shape: Shape, axes: readonly number[]): Expr => broadcastReduced(x, shape, axes);

/** The arithmetic mean over axes, all by default; of no elements it is NaN. */
export const mean = (x: Expr, axes?: readonly number[]): Expr =>
  withType(x, ({ shape }) => {
    const over = normalAxes(axes, shape.length);
    return div(reduceSum(x, over), countOver(shape, over));
  });

/** The population variance, the mean squared distance from the mean, over axes, all by default. */
export const variance = (x: Expr, axes?: readonly number[]): Expr =>
  withType(x, ({ shape }) => {
    const over = normalAxes(axes, shape.length);
    const centred = sub(x, restored(mean(x, over), shape, over));
    return mean(mul(centred, centred), over);
  });

/** The largest element, held fixed for derivatives, 0 where it is infinite so that a difference is never NaN. */
const shift = (x: Expr, axes: readonly number[]): Expr => {
  const largest = stopGradient(reduceMax(x, axes));
  return select(isFinite(largest), largest, zerosLike(largest));
};

/** ln Σ eˣ over axes, the last by default, without overflow. */
export const logSumExp = (x: Expr, axes: readonly number[] = [-1]): Expr =>
  withType(x, ({ shape }) => {
    const over = normalAxes(axes, shape.length);
    const largest = shift(x, over);
    return add(log(reduceSum(exp(sub(x, restored(largest, shape, over))), over)), largest);
  });

/** x − ln Σ eˣ over axes, the last by default. */
export const logSoftmax = (x: Expr, axes: readonly number[] = [-1]): Expr =>
  withType(x, ({ shape }) => {
    const over = normalAxes(axes, shape.length);
    const shifted = sub(x, restored(shift(x, over), shape, over));
    return sub(shifted, restored(log(reduceSum(exp(shifted), over)), shape, over));
  });

/**
 * eˣ / Σ eˣ over axes, the last by default.
 *
 * @law sums to 1; adding a constant along the axes changes nothing.
 */
export const softmax = (x: Expr, axes: readonly number[] = [-1]): Expr =>
  withType(x, ({ shape }) => {
    const over = normalAxes(axes, shape.length);
    const weights = exp(sub(x, restored(shift(x, over), shape, over)));
    return div(weights, restored(reduceSum(weights, over), shape, over));
  });
