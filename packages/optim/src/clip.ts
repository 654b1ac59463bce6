import { constant, convert, div, type Expr, lt, mul, select, withType } from '@torsor/tensor';
import * as O from 'fp-ts/lib/Option.js';
import { mapLeaves, refuseLeaves } from './leafwise.js';
import { globalNorm } from './norm.js';
import { positive, refusal } from './ranges.js';
import { type EmptyState, type GradientTransformation, stateless } from './transformation.js';

/** 1 below the limit, limit / norm from it on: one scalar, so that clipping costs one product per leaf. */
const factor = (norm: Expr, maxNorm: number): Expr =>
  withType(norm, ({ dtype }) => select(lt(norm, maxNorm), constant(1, dtype), div(maxNorm, norm)));

/**
 * Scales all updates by `maxNorm / norm` when their global norm reaches `maxNorm`.
 *
 * @param maxNorm - above 0.
 * @errors `ShapeError` in every leaf when `maxNorm` is refused.
 * @law updates of a smaller norm are unchanged, bit for bit; the norm afterwards is at most `maxNorm`, up to rounding;
 * the direction stays.
 * @source optax `clip_by_global_norm`.
 */
export const clipByGlobalNorm = (maxNorm: number): GradientTransformation<EmptyState> =>
  stateless((updates) => {
    const refused = refusal([['maxNorm', maxNorm, positive]]);
    if (O.isSome(refused)) return refuseLeaves(updates, 'clipByGlobalNorm', refused.value);
    const scale = factor(globalNorm(updates), maxNorm);
    return mapLeaves(updates, (leaf) => withType(leaf, ({ dtype }) => mul(leaf, convert(scale, dtype))));
  });
