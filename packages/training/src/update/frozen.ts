import { type FreezeFilter, storedTypes, storeFrozen } from '@torsor/models';
import { type Mask, type OptimError, trainedMask } from '@torsor/optim';
import { type FreezeSettings, wholePath } from '@torsor/policy';
import type { DType, TensorType, TensorValue } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';

/** Everything is trained. */
export const nothingFrozen: FreezeSettings = { freeze: [], freezeForLora: false, frozenDtype: 'f32' };

/**
 * The parameters that are trained; `null` when all are.
 *
 * @param byLora - the parameters that a model with low-rank factors leaves as they are.
 * @errors `NoMatch` for a pattern that matches no parameter, and for filters that leave none to train.
 */
export const trainedMaskOf = (
  { freeze, freezeForLora }: FreezeSettings,
  types: Tree<TensorType>,
  byLora: FreezeFilter | undefined,
): E.Either<OptimError, Mask | null> => {
  const filters = [...freeze.map(wholePath), ...(freezeForLora && byLora !== undefined ? [byLora] : [])];
  return filters.length === 0 ? E.right(null) : trainedMask(types, filters);
};

/** Whether a parameter is frozen, of a mask of those that are trained. */
const frozenBy =
  (trained: Mask | null): FreezeFilter =>
  (path) =>
    trained !== null && !trained.selected.has(path);

/** What frozen parameters are kept in. */
export type FrozenDtype = Exclude<FreezeSettings['frozenDtype'], 'auto'>;

/** Frozen parameters: the dtype of their numbers, and the one that holds them, which is wider where a backend lacks it. */
export type FrozenStorage = { readonly numbers: FrozenDtype; readonly held: FrozenDtype };

/**
 * How frozen parameters are kept where there are these dtypes.
 *
 * @param openpiHabits - openpi's numbers on every backend: rounded to bf16, whatever holds them.
 */
export const frozenStorage = (
  { frozenDtype }: Pick<FreezeSettings, 'frozenDtype'>,
  dtypes: readonly DType[],
  openpiHabits: boolean,
): FrozenStorage => {
  if (frozenDtype !== 'auto') return { numbers: frozenDtype, held: frozenDtype };
  const held = dtypes.includes('bf16') ? 'bf16' : 'f32';
  return { numbers: openpiHabits ? 'bf16' : held, held };
};

/** The types that parameters are kept in: those that are not trained in another dtype. */
export const keptTypes = (types: Tree<TensorType>, trained: Mask | null, { held }: FrozenStorage): Tree<TensorType> =>
  held === 'f32' ? types : storedTypes(types, frozenBy(trained), held);

/** Parameters as `keptTypes` types them. */
export const keptParams = (
  params: Tree<TensorValue>,
  trained: Mask | null,
  { numbers, held }: FrozenStorage,
): Tree<TensorValue> => (numbers === 'f32' ? params : storeFrozen(params, frozenBy(trained), held));

/** Whether a parameter's numbers are those of bf16. */
export const isNarrow =
  (trained: Mask | null, { numbers }: FrozenStorage): FreezeFilter =>
  (path) =>
    numbers === 'bf16' && frozenBy(trained)(path);
