import type { Backend } from '@torsor/backend';
import { compileProgram, type ExecutableOf, type Placement } from '@torsor/policy';
import type { DType, TensorType } from '@torsor/tensor';
import { leaves } from '@torsor/tree';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainingError } from '../error.js';
import type { Objective } from '../objective.js';
import {
  type FirstProgram,
  firstProgram,
  type LossProgram,
  lossProgram,
  type UpdateProgram,
  updateProgram,
} from './program.js';
import { type Recipe, type RecipeParams, recipeOf, type UpdateSettings } from './recipe.js';

/** What may fail on the way to a result. */
export type Effect<A> = TE.TaskEither<TrainingError, A>;

/** The programs that train, compiled. */
export type UpdatePrograms = {
  readonly placement: Placement;
  readonly recipe: Recipe;
  readonly update: ExecutableOf<UpdateProgram>;
  /** How the optimizer's state begins. */
  readonly first: ExecutableOf<FirstProgram>;
};

/** The program that measures held-out samples, compiled. */
export type LossPrograms = { readonly placement: Placement; readonly loss: ExecutableOf<LossProgram> };

const missingDType = ({ capabilities }: Backend, { params }: Recipe): DType | undefined =>
  leaves<TensorType>(params)
    .map(({ dtype }) => dtype)
    .find((dtype) => !capabilities.dtypes.includes(dtype));

/**
 * What settings make of an update on a backend.
 *
 * @errors `Optim` for a filter without effect; `NoDType` where the backend lacks what parameters are kept in.
 */
export const recipeOn = (backend: Backend, settings: UpdateSettings, params: RecipeParams): Effect<Recipe> =>
  pipe(
    TE.fromEither(recipeOf(settings, params, backend.capabilities.dtypes)),
    TE.mapLeft((error): TrainingError => ({ _tag: 'Optim', error })),
    TE.flatMap((recipe): Effect<Recipe> => {
      const dtype = missingDType(backend, recipe);
      return dtype === undefined ? TE.right(recipe) : TE.left({ _tag: 'NoDType', backend: backend.name, dtype });
    }),
  );

/** Compiles what trains. */
export const compileUpdate = (placement: Placement, recipe: Recipe, objective: Objective): Effect<UpdatePrograms> =>
  pipe(
    TE.Do,
    TE.bind('first', () => compileProgram(placement, firstProgram(recipe))),
    TE.bind('update', ({ first }) =>
      compileProgram(placement, updateProgram(recipe, objective, first.program.signature.outputs.optimizer)),
    ),
    TE.map(({ first, update }) => ({ placement, recipe, first, update })),
  );

/** Compiles what measures held-out samples. */
export const compileLoss = (
  placement: Placement,
  recipe: Pick<Recipe, 'params'>,
  objective: Objective,
): Effect<LossPrograms> =>
  pipe(
    compileProgram(placement, lossProgram(recipe, objective)),
    TE.map((loss) => ({ placement, loss })),
  );
