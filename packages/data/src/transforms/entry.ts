import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { nearestKey } from '../nearest-key.js';
import { type DataDict, type DataValue, NdArray, showNdArray } from './array.js';
import type { TransformError } from './error.js';
import type { Reals } from './reals.js';

/** Whether an entry is a record of entries. */
export const isDict = (value: DataValue): value is DataDict => typeof value !== 'string' && !(value instanceof NdArray);

const showValue = (value: DataValue): string => {
  if (typeof value === 'string') return 'text';
  return value instanceof NdArray ? showNdArray(value) : 'a record';
};

/** An entry that is not what a transform can use. */
export const wrongValue = (transform: string, key: string, expected: string, found: DataValue): TransformError => ({
  _tag: 'WrongValue',
  transform,
  key,
  expected,
  found: showValue(found),
});

/** The entry of a key. @errors `MissingKey` with the nearest key there is. */
export const entryOf = (transform: string, dict: DataDict, key: string): E.Either<TransformError, DataValue> => {
  const value = Object.hasOwn(dict, key) ? dict[key] : undefined;
  if (value !== undefined) return E.right(value);
  const present = Object.keys(dict);
  return E.left({ _tag: 'MissingKey', transform, key, present, nearest: nearestKey(key, present) });
};

/** The array of a key. @errors `MissingKey`, `WrongValue`. */
export const arrayOf = (transform: string, dict: DataDict, key: string): E.Either<TransformError, NdArray> =>
  pipe(
    entryOf(transform, dict, key),
    E.filterOrElse(
      (value) => value instanceof NdArray,
      (value) => wrongValue(transform, key, 'an array', value),
    ),
  );

/** The record of a key. @errors `MissingKey`, `WrongValue`. */
export const dictOf = (transform: string, dict: DataDict, key: string): E.Either<TransformError, DataDict> =>
  pipe(
    entryOf(transform, dict, key),
    E.filterOrElse(isDict, (value) => wrongValue(transform, key, 'a record', value)),
  );

/** Real numbers of a known rank: a state `[sd]` or a chunk of actions `[ah, ad]`. */
export type RealArray = {
  readonly shape: readonly number[];
  readonly data: Reals;
  /** The extent of the last axis. */
  readonly dim: number;
};

const isReals = (data: NdArray['data']): data is Reals => data instanceof Float32Array || data instanceof Float64Array;

/** The real numbers of a key, of a rank. @errors `MissingKey`, `WrongValue`. */
export const realsOf = (
  transform: string,
  dict: DataDict,
  key: string,
  rank: number,
): E.Either<TransformError, RealArray> =>
  pipe(
    arrayOf(transform, dict, key),
    E.flatMap((array) => {
      const { shape, data } = array;
      return isReals(data) && shape.length === rank
        ? E.right({ shape, data, dim: shape.at(-1) ?? 1 })
        : E.left(wrongValue(transform, key, `real numbers with ${rank} ax${rank === 1 ? 'is' : 'es'}`, array));
    }),
  );

/** Real numbers as an entry. */
export const realEntry = (shape: readonly number[], data: Reals): NdArray =>
  new NdArray(data instanceof Float32Array ? 'float32' : 'float64', shape, data);

/** The state, `[sd]`. @errors `MissingKey`, `WrongValue`. */
export const stateOf = (transform: string, dict: DataDict): E.Either<TransformError, RealArray> =>
  realsOf(transform, dict, 'state', 1);

/** The chunk of actions, `[ah, ad]`. @errors `MissingKey`, `WrongValue`. */
export const actionsOf = (transform: string, dict: DataDict): E.Either<TransformError, RealArray> =>
  realsOf(transform, dict, 'actions', 2);

/** The chunk of actions if there is one: a robot at work has none. @errors `WrongValue`. */
export const actionsIfAny = (transform: string, dict: DataDict): E.Either<TransformError, RealArray | undefined> =>
  Object.hasOwn(dict, 'actions') ? actionsOf(transform, dict) : E.right(undefined);

/** The prompt alone, or nothing when there is none. @errors `WrongValue`. */
export const promptIfAny = (transform: string, dict: DataDict): E.Either<TransformError, DataDict> => {
  const { prompt } = dict;
  if (prompt === undefined) return E.right({});
  return typeof prompt === 'string' ? E.right({ prompt }) : E.left(wrongValue(transform, 'prompt', 'text', prompt));
};
