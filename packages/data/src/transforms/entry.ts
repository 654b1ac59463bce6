import { nearestKey } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type DataDict, type DataValue, NdArray, showNdArray } from './array.js';
import type { TransformError } from './error.js';
import { sliceToDim } from './pad.js';
import type { Reals } from './reals.js';

/** Whether an entry is a text for each sample. */
export const isTexts = (value: DataValue): value is readonly string[] => Array.isArray(value);

/** Whether an entry is a record of entries. */
export const isDict = (value: DataValue): value is DataDict => !(isTexts(value) || value instanceof NdArray);

/** What one sample has: the batch axis is no news. */
const showValue = (value: DataValue): string => {
  if (isTexts(value)) return 'text';
  if (!(value instanceof NdArray)) return 'a record';
  return showNdArray(new NdArray(value.dtype, value.shape.slice(1), value.data));
};

/** An entry that is not what a transform can use. */
export const wrongValue = (transform: string, key: string, expected: string, found: DataValue): TransformError => ({
  _tag: 'WrongValue',
  transform,
  key,
  expected,
  found: showValue(found),
});

/** Vectors that are not as wide as a transform needs them. */
export const wrongWidth = (transform: string, key: string, expected: string, dim: number): TransformError => ({
  _tag: 'WrongValue',
  transform,
  key,
  expected,
  found: `${dim} wide`,
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

/** Real numbers of a known rank: states `[b, sd]` or chunks of actions `[b, ah, ad]`. */
export type RealArray = {
  /** With the batch axis. */
  readonly shape: readonly number[];
  readonly data: Reals;
  /** The extent of the last axis. */
  readonly dim: number;
};

const isReals = (data: NdArray['data']): data is Reals => data instanceof Float32Array || data instanceof Float64Array;

/** The real numbers of a key, of a rank without the batch axis. @errors `MissingKey`, `WrongValue`. */
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
      return isReals(data) && shape.length === rank + 1
        ? E.right({ shape, data, dim: shape.at(-1) ?? 1 })
        : E.left(wrongValue(transform, key, `real numbers with ${rank} ax${rank === 1 ? 'is' : 'es'}`, array));
    }),
  );

/** Real numbers as an entry. */
export const realEntry = (shape: readonly number[], data: Reals): NdArray =>
  new NdArray(data instanceof Float32Array ? 'float32' : 'float64', shape, data);

/** The states, `[b, sd]`. @errors `MissingKey`, `WrongValue`. */
export const stateOf = (transform: string, dict: DataDict): E.Either<TransformError, RealArray> =>
  realsOf(transform, dict, 'state', 1);

/** The chunks of actions, `[b, ah, ad]`. @errors `MissingKey`, `WrongValue`. */
export const actionsOf = (transform: string, dict: DataDict): E.Either<TransformError, RealArray> =>
  realsOf(transform, dict, 'actions', 2);

/** The first `to` dimensions of the actions. @errors `MissingKey`, `WrongValue`. */
export const firstDims = (transform: string, dict: DataDict, to: number): E.Either<TransformError, RealArray> =>
  pipe(
    actionsOf(transform, dict),
    E.flatMap(({ shape: [b = 0, ah = 0], data, dim }) =>
      pipe(
        sliceToDim(dim, to)(data),
        E.bimap(
          () => wrongWidth(transform, 'actions', `at least ${to} wide`, dim),
          (kept) => ({ shape: [b, ah, to], data: kept.data, dim: to }),
        ),
      ),
    ),
  );

/** The chunks of actions if there are any: a robot at work has none. @errors `WrongValue`. */
export const actionsIfAny = (transform: string, dict: DataDict): E.Either<TransformError, RealArray | undefined> =>
  Object.hasOwn(dict, 'actions') ? actionsOf(transform, dict) : E.right(undefined);

/** The prompts alone, or nothing when there is none. @errors `WrongValue`. */
export const promptIfAny = (
  transform: string,
  dict: DataDict,
): E.Either<TransformError, { readonly prompt?: readonly string[] }> => {
  const { prompt } = dict;
  if (prompt === undefined) return E.right({});
  return isTexts(prompt) ? E.right({ prompt }) : E.left(wrongValue(transform, 'prompt', 'text', prompt));
};
