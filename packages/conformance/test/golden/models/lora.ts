import { type FreezeFilter, freezeFilter, type Params, type PolicyExperts, storeFrozen } from '@torsor/models';
import { type Mask, showOptimError, trainedMask } from '@torsor/optim';
import type { DType, Expr, TensorType, TensorValue } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type { HowClose } from './compare.js';
import type { Built } from './running.js';

/** A recorded policy with adapters; `R` is what it is run with besides its parameters. */
export type AdaptedPolicy<R> = {
  readonly types: Tree<TensorType>;
  readonly experts: PolicyExperts;
  /** The recorded parameters, before any is frozen. */
  readonly params: Tree<TensorValue>;
  readonly rest: R;
  /** What a training step is run with: some recorded random inputs of their own. */
  readonly atStep: (step: number) => R;
  /** Everything of a forward pass. */
  readonly outputs: (params: Params, rest: Built<R>) => Record<string, Expr>;
  readonly loss: (params: Params, rest: Built<R>) => Expr;
  /** How outputs are compared: the name that ours has, and the recorded one without a variant's suffix. */
  readonly close: ReadonlyArray<{ readonly ours: string; readonly recorded: string; readonly how: HowClose }>;
  readonly gradientLimit: number;
  /** Tokens of a sample. */
  readonly tokens: number;
};

/** What a policy is frozen by. */
export const filterOf = <R>({ experts }: AdaptedPolicy<R>): FreezeFilter => {
  const filter = freezeFilter(experts);
  if (filter === undefined) throw new Error('a recorded policy with adapters freezes nothing');
  return filter;
};

/** The recorded parameters, the frozen ones rounded and held in a dtype; all as they are without one. */
export const paramsHeld = <R>(policy: AdaptedPolicy<R>, held: DType | undefined): Tree<TensorValue> =>
  held === undefined ? policy.params : storeFrozen(policy.params, filterOf(policy), held);

/** What a policy trains. */
export const trainedOf = <R>(policy: AdaptedPolicy<R>): Mask => {
  const mask = trainedMask(policy.types, [filterOf(policy)]);
  if (E.isLeft(mask)) throw new Error(showOptimError(mask.left));
  return mask.right;
};
