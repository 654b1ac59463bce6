import { constant, convert, div, type Expr, lt, mul, select, withType } from '@torsor/tensor';
import * as O from 'fp-ts/lib/Option.js';
import { mapLeaves, refuseLeaves } from './leafwise.js';
import { type ScaledNorm, scaledGlobalNorm } from './norm.js';
import { positive, refusal } from './ranges.js';
import { type EmptyState, type GradientTransformation, stateless } from './transformation.js';
import { typedAs } from './wide.js';

/**
 * Two scalars that updates are multiplied by one after the other: 1 below the limit, limit / norm from it on. Of a norm
 * beyond its dtype the quotient would be 0.
 */
const factors = ({ numerator, scale }: ScaledNorm, maxNorm: number): readonly [Expr, Expr] => {
  const below = lt(div(numerator, scale), maxNorm);
  const unless = (x: Expr): Expr => withType(x, ({ dtype }) => select(below, constant(1, dtype), x));
  return [unless(scale), unless(div(maxNorm, numerator))];
};

/**
 * Scales all updates by `maxNorm / norm` when their global norm reaches `maxNorm`.
 *
 * @param maxNorm - above 0.
 * @errors `ShapeError` in every leaf when `maxNorm` is refused.
 * @law updates of a smaller norm are unchanged, bit for bit; the norm afterwards is at most `maxNorm`, up to rounding;
 * the direction stays, however large or small the updates are.
 * @source optax `clip_by_global_norm`, whose norm overflows where a square does.
 */
export const clipByGlobalNorm = (maxNorm: number): GradientTransformation<EmptyState> =>
  stateless((updates) => {
    const refused = refusal([['maxNorm', maxNorm, positive]]);
    if (O.isSome(refused)) return refuseLeaves(updates, 'clipByGlobalNorm', refused.value);
    const [scale, factor] = factors(scaledGlobalNorm(updates), maxNorm);
    return mapLeaves(updates, (leaf) =>
      withType(scale, ({ dtype }) => typedAs(leaf, mul(mul(convert(leaf, dtype), scale), factor))),
    );
  });
