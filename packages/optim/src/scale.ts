import { add, constant, convert, mul, neg, type Operand, withType } from '@torsor/tensor';
import * as O from 'fp-ts/lib/Option.js';
import { mapLeaves, refuseLeaves, zipLeaves } from './leafwise.js';
import { type Mask, selects } from './mask.js';
import { nonNegative, refusal } from './ranges.js';
import { type EmptyState, type GradientTransformation, stateless } from './transformation.js';

/**
 * Multiplies updates by `−learningRate`, so that adding them descends.
 *
 * @param learningRate - a number, or `f32[]`: an input of the program, so that a schedule stays on the host.
 * @source optax `scale_by_learning_rate`.
 */
export const scaleByLearningRate = (learningRate: Operand): GradientTransformation<EmptyState> =>
  stateless((updates) => {
    const rate = neg(typeof learningRate === 'number' ? constant(learningRate, 'f32') : learningRate);
    return mapLeaves(updates, (leaf) => withType(leaf, ({ dtype }) => mul(leaf, convert(rate, dtype))));
  });

/**
 * Adds `weightDecay · parameter` to each update.
 *
 * @param weightDecay - at least 0; 0 adds nothing.
 * @param mask - which parameters decay; all by default.
 * @errors `ShapeError` in every leaf when `weightDecay` is refused or the trees differ in structure.
 * @source optax `add_decayed_weights`.
 */
export const addDecayedWeights = (weightDecay: number, mask?: Mask): GradientTransformation<EmptyState> =>
  stateless((updates, params) => {
    const refused = refusal([['weightDecay', weightDecay, nonNegative]]);
    if (O.isSome(refused)) return refuseLeaves(updates, 'addDecayedWeights', refused.value);
    if (weightDecay === 0) return updates;
    const decay = mapLeaves(params, (param) => mul(param, weightDecay));
    const decayed = zipLeaves('addDecayedWeights', updates, decay, add);
    return mask === undefined ? decayed : selects(mask, decayed, updates);
  });
