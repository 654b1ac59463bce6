import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from '../error.js';
import { type Reals, type StateActions, sameKind } from './reals.js';

/** Which action dimensions are deltas against the state: true = delta, false = absolute (a gripper). May be shorter than the action. */
export type DeltaMask = readonly boolean[];

/**
 * A mask of runs: `makeBoolMask(6, -1)` is six true and one false; 0 adds nothing.
 *
 * @source openpi `transforms.py` `make_bool_mask` (15a9616)
 */
export const makeBoolMask = (...dims: readonly number[]): DeltaMask =>
  dims.flatMap((dim) => new Array<boolean>(Math.abs(dim)).fill(dim > 0));

const shift = <T extends StateActions>(
  mask: DeltaMask,
  x: T,
  sign: 1 | -1,
): E.Either<DataError, T & { actions: Reals }> => {
  const { stateDim: sd, actionDim: ad, actionHorizon: ah, state } = x;
  if (mask.length > sd || mask.length > ad) {
    const expected = `at most ${Math.min(sd, ad)} long (state ${sd}, action ${ad})`;
    return E.left({ _tag: 'ShapeMismatch', what: 'The mask of delta actions', expected, found: `${mask.length} long` });
  }
  const shifted = [...mask.keys()].filter((i) => mask[i]);
  const actions = x.actions.slice();
  const rows = actions.length / ad;
  for (const i of shifted) {
    for (let row = 0; row < rows; row++) {
      const at = row * ad + i;
      actions[at] = (actions[at] ?? 0) + sign * (state[Math.floor(row / ah) * sd + i] ?? 0);
    }
  }
  return E.right({ ...x, actions });
};

/**
 * Turns absolute actions into deltas: every action of a chunk minus the state at the chunk's start, where the mask is true.
 *
 * @errors `ShapeMismatch` when the mask is longer than the state or the action.
 * @law `absoluteActions(mask)` undoes it (up to rounding); masked-out and further dimensions are unchanged.
 * @source openpi `transforms.py` `DeltaActions` (15a9616)
 */
export const deltaActions =
  (mask: DeltaMask) =>
  <T extends StateActions>(x: T): E.Either<DataError, T> =>
    shift(mask, x, -1);

/**
 * Turns delta actions back into absolute ones: the state of the chunk's start is added where the mask is true.
 *
 * @errors `ShapeMismatch` when the mask is longer than the state or the action.
 * @source openpi `transforms.py` `AbsoluteActions` (15a9616)
 */
export const absoluteActions =
  (mask: DeltaMask) =>
  <T extends StateActions>(x: T): E.Either<DataError, T> =>
    shift(mask, x, 1);

/**
 * Keeps every `stride`-th action of a chunk, from the first.
 *
 * @errors `ShapeMismatch` for a stride that is not a whole number above 0.
 * @source openpi `transforms.py` `SubsampleActions` (15a9616)
 */
export const subsampleActions =
  (stride: number) =>
  <T extends Omit<StateActions, 'state' | 'stateDim'>>(x: T): E.Either<DataError, T> => {
    if (!Number.isInteger(stride) || stride < 1) {
      const found = String(stride);
      return E.left({
        _tag: 'ShapeMismatch',
        what: 'The stride of actions',
        expected: 'a whole number, 1 or more',
        found,
      });
    }
    const { actionDim: ad, actionHorizon: ah } = x;
    const kept = Math.ceil(ah / stride);
    const samples = x.actions.length / (ah * ad);
    const actions = sameKind(x.actions, samples * kept * ad);
    for (let row = 0; row < samples * kept; row++) {
      const from = (Math.floor(row / kept) * ah + (row % kept) * stride) * ad;
      actions.set(x.actions.subarray(from, from + ad), row * ad);
    }
    return E.right({ ...x, actions, actionHorizon: kept });
  };
