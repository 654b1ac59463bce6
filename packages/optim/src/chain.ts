import type { ExprTree } from '@torsor/tensor';
import { isNode } from '@torsor/tree';
import type { GradientTransformation } from './transformation.js';

/** States of the stages by position. A stage without state has no entry, so that the state survives being flattened. */
export type ChainState = { readonly [position: string]: ExprTree };

const isEmpty = (state: ExprTree): boolean => isNode(state) && Object.keys(state).length === 0;

const collect = (states: readonly ExprTree[]): ChainState =>
  Object.fromEntries(states.flatMap((state, i) => (isEmpty(state) ? [] : [[`${i}`, state]])));

/**
 * Transformations one after another.
 *
 * @law associative in the updates; the chain of none changes nothing.
 * @source optax `chain`.
 */
export const chain = (...stages: readonly GradientTransformation[]): GradientTransformation<ChainState> => ({
  init: (params) => collect(stages.map((stage) => stage.init(params))),
  update: (updates, state, params) => {
    let current = updates;
    const states = stages.map((stage, i) => {
      const next = stage.update(current, state[`${i}`] ?? {}, params);
      current = next.updates;
      return next.state;
    });
    return { updates: current, state: collect(states) };
  },
});
