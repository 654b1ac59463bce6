import { add, type ExprTree, mul } from '@torsor/tensor';
import * as O from 'fp-ts/lib/Option.js';
import { mapLeaves, refuseLeaves, zipLeaves } from './leafwise.js';
import { fraction, refusal } from './ranges.js';
import { widened } from './wide.js';

/** A moving average of parameters; of narrow ones in f32, where an update too small for them still counts. */
export type Ema = {
  /** The first average: the parameters themselves, narrow ones in f32. */
  readonly init: <P extends ExprTree>(params: P) => P;
  /** The average after one more set of parameters. */
  readonly update: <P extends ExprTree>(average: P, params: P) => P;
};

/**
 * The exponential moving average of parameters: `decay · average + (1 − decay) · params`, from the first parameters on.
 *
 * @param decay - from 0 (the last parameters) to 1 (the first ones).
 * @errors `ShapeError` in every leaf when `decay` is refused or the trees differ in structure.
 * @law decay 0 gives the new parameters, 1 the old average; it lies between the two;
 * of parameters in bf16 or f16 it is that of the same numbers in f32.
 * @source openpi `scripts/train.py` `train_step` (15a9616)
 */
export const ema = (decay: number): Ema => ({
  init: (params) => mapLeaves(params, widened),
  update: (average, params) => {
    const refused = refusal([['decay', decay, fraction]]);
    if (O.isSome(refused)) return refuseLeaves(average, 'ema', refused.value);
    return zipLeaves('ema', average, params, (old, now) => add(mul(widened(old), decay), mul(widened(now), 1 - decay)));
  },
});
