import type { FreezeFilter } from '@torsor/models';
import { type Mask, type OptimError, type Optimizer, partition } from '@torsor/optim';
import type { FreezeSettings } from '@torsor/policy';
import type { DType, TensorType } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type FrozenStorage, frozenStorage, isNarrow, keptTypes, trainedMaskOf } from './frozen.js';

/** What an update does besides the loss. */
export type UpdateSettings = FreezeSettings & {
  readonly optimizer: Optimizer;
  /** `null`: no averaged parameters. */
  readonly emaDecay: number | null;
  /** Equal parts that a batch is computed in. */
  readonly gradientAccumulation: number;
};

/** What an update is made of besides the loss. */
export type Recipe = {
  readonly optimizer: Optimizer;
  /** The parameters that are trained; `null` when all are. */
  readonly trained: Mask | null;
  readonly emaDecay: number | null;
  readonly gradientAccumulation: number;
  /** The parameters whose norm is rounded as openpi rounds it. */
  readonly roundNarrowNorm: FreezeFilter | false;
  readonly frozen: FrozenStorage;
  /** The types of all parameters as they are kept: those that are not trained may be narrower. */
  readonly params: Tree<TensorType>;
};

/** The parameters that a recipe is about. */
export type RecipeParams = {
  readonly paramTypes: Tree<TensorType>;
  /** Those that low-rank factors are trained in the place of. */
  readonly freezeFilter?: FreezeFilter | undefined;
  /** openpi's habits: frozen parameters and their norm are rounded as openpi rounds them, on every backend. */
  readonly openpiHabits?: boolean;
};

/**
 * What settings make of an update.
 *
 * @param dtypes - those that the backend has.
 * @errors `NoMatch` for a freeze pattern that matches no parameter, or patterns that leave none.
 */
export const recipeOf = (
  settings: UpdateSettings,
  { paramTypes, freezeFilter, openpiHabits = false }: RecipeParams,
  dtypes: readonly DType[],
): E.Either<OptimError, Recipe> => {
  const { optimizer, emaDecay, gradientAccumulation } = settings;
  const frozen = frozenStorage(settings, dtypes, openpiHabits);
  return pipe(
    trainedMaskOf(settings, paramTypes, freezeFilter),
    E.map((trained) => ({
      optimizer,
      trained,
      emaDecay,
      gradientAccumulation,
      roundNarrowNorm: openpiHabits && isNarrow(trained, frozen),
      frozen,
      params: keptTypes(paramTypes, trained, frozen),
    })),
  );
};

/** The part of a tree of parameters that is trained. */
export const trainedPart = <A>({ trained }: Pick<Recipe, 'trained'>, params: Tree<A>): Tree<A> =>
  trained === null ? params : partition(params, trained).selected;
