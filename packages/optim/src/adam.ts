import {
  add,
  constant,
  convert,
  div,
  type Expr,
  type ExprTree,
  minimum,
  mul,
  pow,
  sqrt,
  square,
  sub,
  withType,
  zerosLike,
} from '@torsor/tensor';
import * as O from 'fp-ts/lib/Option.js';
import { mapLeaves, refuseLeaves, zipLeaves } from './leafwise.js';
import { nonNegative, rate, refusal } from './ranges.js';
import type { GradientTransformation } from './transformation.js';
import { typedAs, widened } from './wide.js';

/** Hyper-parameters of Adam. */
export type AdamOptions = {
  /** Decay of the first moment. */
  readonly b1: number;
  /** Decay of the second moment. */
  readonly b2: number;
  /** Added outside the square root. */
  readonly eps: number;
  /** Added inside the square root, 0 by default. */
  readonly epsRoot?: number;
};

/** Number of updates done and the uncorrected moments, of the structure of the parameters; of narrow ones in f32. */
export type AdamState = { readonly count: Expr; readonly mu: ExprTree; readonly nu: ExprTree };

/** The count stops at the largest i32, where the corrections are long 1. */
const increment = (count: Expr): Expr => add(minimum(count, 2 ** 31 - 2), 1);

const moment = <P extends ExprTree>(old: ExprTree, terms: P, decay: number): P =>
  zipLeaves('scaleByAdam', terms, old, (term, before) => add(mul(term, 1 - decay), mul(widened(before), decay)));

/** `1 − decay^count`: what a moment that began at zero has seen of the whole weight. */
const correction = (decay: number, count: Expr): Expr => sub(1, pow(constant(decay, 'f32'), convert(count, 'f32')));

const corrected = (x: Expr, by: Expr): Expr => withType(x, ({ dtype }) => div(x, convert(by, dtype)));

/**
 * Divides the mean of the gradients by the root of the mean of their squares:
 * `m̂ / (√(v̂ + epsRoot) + eps)`, m̂ and v̂ corrected for having begun at zero.
 *
 * @errors `ShapeError` in every leaf when a hyper-parameter is refused or the state is of other parameters.
 * @law the first step is g / (|g| + eps); each component is at most `max(1, (1 − b1) / √(1 − b2))` up to rounding;
 * scaling all gradients by c > 0 changes nothing when eps and epsRoot are 0; the moments of gradients in bf16 or f16 are
 * those of the same numbers in f32.
 * @source optax `scale_by_adam`; Kingma & Ba, arXiv 1412.6980.
 */
export const scaleByAdam = ({ b1, b2, eps, epsRoot = 0 }: AdamOptions): GradientTransformation<AdamState> => ({
  init: (params) => ({
    count: constant(0, 'i32'),
    mu: mapLeaves(params, (leaf) => zerosLike(widened(leaf))),
    nu: mapLeaves(params, (leaf) => zerosLike(widened(leaf))),
  }),
  update: (updates, state) => {
    const refused = refusal([
      ['b1', b1, rate],
      ['b2', b2, rate],
      ['eps', eps, nonNegative],
      ['epsRoot', epsRoot, nonNegative],
    ]);
    if (O.isSome(refused)) return { updates: refuseLeaves(updates, 'scaleByAdam', refused.value), state };
    const count = increment(state.count);
    const wide = mapLeaves(updates, widened);
    const mu = moment(state.mu, wide, b1);
    const nu = moment(state.nu, mapLeaves(wide, square), b2);
    const [first, second] = [correction(b1, count), correction(b2, count)];
    const step = (m: Expr, v: Expr): Expr => {
      const meanSquare = corrected(v, second);
      const root = sqrt(epsRoot === 0 ? meanSquare : add(meanSquare, epsRoot));
      return div(corrected(m, first), add(root, eps));
    };
    const steps = zipLeaves('scaleByAdam', mu, nu, step);
    return { updates: zipLeaves('scaleByAdam', updates, steps, typedAs), state: { count, mu, nu } };
  },
});
