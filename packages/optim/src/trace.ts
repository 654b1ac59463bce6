import { add, type ExprTree, mul, zerosLike } from '@torsor/tensor';
import * as O from 'fp-ts/lib/Option.js';
import { mapLeaves, refuseLeaves, zipLeaves } from './leafwise.js';
import { rate, refusal } from './ranges.js';
import type { GradientTransformation } from './transformation.js';
import { typedAs, widened } from './wide.js';

/** How momentum is kept. */
export type TraceOptions = {
  /** The momentum. */
  readonly decay: number;
  /** Looks one step ahead. */
  readonly nesterov: boolean;
};

/** The decaying sum of the updates, of the structure of the parameters; of narrow ones in f32. */
export type TraceState = { readonly trace: ExprTree };

/**
 * Momentum: the decaying sum `s ← g + decay · s`; with nesterov the update is `g + decay · s`, else s.
 *
 * @errors `ShapeError` in every leaf when `decay` is refused or the state is of other parameters.
 * @law decay 0 changes nothing.
 * @source optax `trace`.
 */
export const trace = ({ decay, nesterov }: TraceOptions): GradientTransformation<TraceState> => ({
  init: (params) => ({ trace: mapLeaves(params, (leaf) => zerosLike(widened(leaf))) }),
  update: (updates, state) => {
    const refused = refusal([['decay', decay, rate]]);
    if (O.isSome(refused)) return { updates: refuseLeaves(updates, 'trace', refused.value), state };
    const step = (tree: typeof updates, sum: ExprTree): typeof updates =>
      zipLeaves('trace', tree, sum, (g, s) => add(g, mul(widened(s), decay)));
    const wide = mapLeaves(updates, widened);
    const sum = step(wide, state.trace);
    const moved = nesterov ? step(wide, sum) : sum;
    return { updates: zipLeaves('trace', updates, moved, typedAs), state: { trace: sum } };
  },
});
