import { add, convert, type ExprTree, withType } from '@torsor/tensor';
import { zipLeaves } from './leafwise.js';

/**
 * The parameters after a step: `p + u`, in the dtype of the parameter.
 *
 * @errors `ShapeError` in every leaf when the trees differ in structure.
 * @law an update of −0 leaves a parameter as it is, bit for bit.
 * @source optax `apply_updates`.
 */
export const applyUpdates = <P extends ExprTree>(params: P, updates: ExprTree): P =>
  zipLeaves('applyUpdates', params, updates, (param, update) =>
    withType(param, ({ dtype }) => add(param, convert(update, dtype))),
  );
