import type { ExprTree } from '@torsor/tensor';

/** What an update gives: the transformed updates and the next state. */
export type Updated<P extends ExprTree, S extends ExprTree> = {
  readonly updates: P;
  readonly state: S;
};

/**
 * A pure transformation of gradients with a state, all of it expressions: a whole training step is one program.
 *
 * The two members are methods so that a transformation of any state is a `GradientTransformation`; a chain gives each
 * stage only states that the stage itself made.
 *
 * @source optax `GradientTransformation`.
 */
export type GradientTransformation<S extends ExprTree = ExprTree> = {
  /** The first state for parameters of these types. Put it into a program of its own to compute it. */
  init(this: void, params: ExprTree): S;
  /**
   * Transforms updates (gradients, before the first transformation).
   *
   * @errors every leaf of the updates is invalid when the trees differ in structure or a hyper-parameter is refused.
   */
  update<P extends ExprTree>(this: void, updates: P, state: S, params: P): Updated<P, S>;
};

/** The state of a transformation that has none. */
export type EmptyState = { readonly [key: string]: never };

const none: EmptyState = {};

/** A transformation without state. */
export const stateless = (
  update: <P extends ExprTree>(updates: P, params: P) => P,
): GradientTransformation<EmptyState> => ({
  init: () => none,
  update: (updates, state, params) => ({ updates: update(updates, params), state }),
});
