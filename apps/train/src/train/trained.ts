import { type FreezeFilter, freezeFilter, storedTypes, storeFrozen } from '@torsor/models';
import { type Mask, type OptimError, trainedMask } from '@torsor/optim';
import type { DType, TensorType, TensorValue } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type { TrainConfig } from '../config/schema.js';
import { type Policy, policyParamTypes } from './policy.js';

type Filters = Pick<TrainConfig, 'freeze' | 'freezeForLora'>;

const wholePath = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 'u');

/**
 * The parameters that are trained; `null` when all are.
 *
 * @errors `NoMatch` for a pattern that matches no parameter, and for filters that leave none to train.
 */
export const trainedOf = ({ freeze, freezeForLora }: Filters, policy: Policy): E.Either<OptimError, Mask | null> => {
  const byLora = freezeForLora ? freezeFilter(policy.config) : undefined;
  const filters = [...freeze.map(wholePath), ...(byLora === undefined ? [] : [byLora])];
  return filters.length === 0 ? E.right(null) : trainedMask(policyParamTypes(policy), filters);
};

/** Whether a parameter is frozen, of a mask of those that are trained. */
const frozenBy =
  (trained: Mask | null): FreezeFilter =>
  (path) =>
    trained !== null && !trained.selected.has(path);

/** What frozen parameters are kept in. */
export type FrozenDtype = Exclude<TrainConfig['frozenDtype'], 'auto'>;

/** What a configuration keeps frozen parameters in, where there are these dtypes. */
export const frozenDtypeOf = (
  { frozenDtype }: Pick<TrainConfig, 'frozenDtype'>,
  dtypes: readonly DType[],
): FrozenDtype => (frozenDtype !== 'auto' ? frozenDtype : dtypes.includes('bf16') ? 'bf16' : 'f32');

/** The types that parameters are kept in: those that are not trained in another dtype. */
export const keptTypes = (policy: Policy, trained: Mask | null, dtype: FrozenDtype): Tree<TensorType> => {
  const types = policyParamTypes(policy);
  return dtype === 'f32' ? types : storedTypes(types, frozenBy(trained), dtype);
};

/** Parameters as `keptTypes` types them. */
export const kept = (trained: Mask | null, dtype: FrozenDtype, params: Tree<TensorValue>): Tree<TensorValue> =>
  dtype === 'f32' ? params : storeFrozen(params, frozenBy(trained), dtype);
