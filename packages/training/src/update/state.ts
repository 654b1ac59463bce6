import type { BackendError, Buffer } from '@torsor/backend';
import { putTree } from '@torsor/policy';
import type { TensorValue } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { UpdatePrograms } from './compile.js';
import { keptParams } from './frozen.js';
import type { LearnedState } from './program.js';
import { trainedPart } from './recipe.js';

/**
 * First parameters and the optimizer's first state on the device; averages begin as the parameters.
 *
 * @param initial - the parameters, all in float32.
 */
export const firstState = (
  { placement, first, recipe }: UpdatePrograms,
  initial: Tree<TensorValue>,
): TE.TaskEither<BackendError, LearnedState<Buffer>> => {
  const put = putTree(placement);
  const params = keptParams(initial, recipe.trained, recipe.frozen);
  return pipe(
    TE.Do,
    TE.bind('trained', () => put({ params })),
    TE.bind('averaged', () => put({ ema: recipe.emaDecay === null ? {} : trainedPart(recipe, params) })),
    TE.bind('began', () => placement.backend.run(first, {})),
    TE.map(({ trained, averaged, began }) => ({ ...trained, ...averaged, ...began })),
  );
};
