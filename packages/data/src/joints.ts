import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Dataset } from './dataset.js';
import type { DataError } from './error.js';

/** Names of the dimensions of states and actions, in their order. */
export type Joints = { readonly stateNames: readonly string[]; readonly actionNames: readonly string[] };

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i]);

/** For each wanted name the dimension that has it. */
const placesOf = (
  what: 'state' | 'action',
  names: readonly string[],
  wanted: readonly string[],
): E.Either<DataError, readonly number[]> => {
  const missing = wanted.filter((name) => !names.includes(name));
  const extra = names.filter((name) => !wanted.includes(name));
  return missing.length + extra.length > 0 || names.length !== wanted.length
    ? E.left({ _tag: 'OtherJoints', what, missing, extra })
    : E.right(wanted.map((name) => names.indexOf(name)));
};

const inOrder = (rows: Float32Array, places: readonly number[]): Float32Array => {
  const out = new Float32Array(rows.length);
  const width = places.length;
  for (let row = 0; row < rows.length; row += width) {
    for (const [i, place] of places.entries()) out[row + i] = rows[row + place] ?? Number.NaN;
  }
  return out;
};

/**
 * A dataset with its dimensions in the order of these names: what was recorded of the same robot in another order is
 * permuted.
 *
 * @errors `OtherJoints`
 * @law the dataset itself where the names are its own; there and back is the dataset.
 */
export const withJoints = (dataset: Dataset, { stateNames, actionNames }: Joints): E.Either<DataError, Dataset> => {
  if (isSame(dataset.stateNames, stateNames) && isSame(dataset.actionNames, actionNames)) return E.right(dataset);
  return pipe(
    E.Do,
    E.bind('state', () => placesOf('state', dataset.stateNames, stateNames)),
    E.bind('action', () => placesOf('action', dataset.actionNames, actionNames)),
    E.map(({ state, action }) => ({
      ...dataset,
      stateNames,
      actionNames,
      episodes: dataset.episodes.map((episode) => ({
        ...episode,
        state: inOrder(episode.state, state),
        action: inOrder(episode.action, action),
      })),
    })),
  );
};
