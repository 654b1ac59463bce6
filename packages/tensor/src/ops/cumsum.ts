import * as E from 'fp-ts/lib/Either.js';
import { apply, type Expr, type Primitive, withType } from '../expr.js';
import { axesFit, checkOperands, gradients, operandAt, single, wrapIntegers } from '../rule.js';
import { element, entry, extentOf, stridesOf } from '../type.js';

/** The axis summed along and whether the sum runs from its end. */
export type CumsumParams = {
  readonly axis: number;
  readonly reverse: boolean;
};

/** Inclusive running sums along an axis. */
export const cumsumP: Primitive<'cumsum', CumsumParams> = single<'cumsum', CumsumParams>({
  name: 'cumsum',
  infer: ({ axis }, operands) => {
    const checked = checkOperands(operands, 1, 'number');
    if (E.isLeft(checked)) return checked;
    const x = operandAt(operands, 0);
    return axesFit([axis], x.shape.length) ? E.right(x) : E.left(`axis ${axis} is outside the rank ${x.shape.length}`);
  },
  // The transpose of summing what lies before is summing what lies after.
  vjp: ({ params, ct }) => gradients(apply(cumsumP, { axis: params.axis, reverse: !params.reverse }, [ct])),
  ref: ({ axis, reverse }, operands, result) => {
    const x = operandAt(operands, 0);
    const out = x.data.slice();
    const stride = entry(stridesOf(x.type.shape), axis);
    const extent = extentOf(x.type.shape, axis);
    const inside = (i: number): boolean => {
      const at = Math.floor(i / stride) % extent;
      return reverse ? at < extent - 1 : at > 0;
    };
    const step = reverse ? stride : -stride;
    for (let n = 0; n < out.length; n++) {
      const i = reverse ? out.length - 1 - n : n;
      if (inside(i)) out[i] = element(out, i) + element(out, i + step);
    }
    return wrapIntegers(out, result.dtype);
  },
});

/** Inclusive running sums along an axis, from its end when `reverse`; a negative axis counts from the end. */
export const cumsum = (x: Expr, axis: number, reverse = false): Expr =>
  withType(x, ({ shape }) => apply(cumsumP, { axis: axis < 0 ? axis + shape.length : axis, reverse }, [x]));
