import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { DataError } from '../error.js';
import { isObject, type Json, type JsonObject, parseJson } from '../json.js';
import { type Check, field, invalid, type Source } from '../meta/field.js';

/** Statistics of one vector feature, an entry per dimension, in the dataset's units. */
export type VectorStats = {
  readonly mean: readonly number[];
  /** Population standard deviation. */
  readonly std: readonly number[];
  /** 1st percentile; null where it was never computed. */
  readonly q01: readonly number[] | null;
  /** 99th percentile; null where it was never computed. */
  readonly q99: readonly number[] | null;
};

/** Normalization statistics of a dataset, under openpi's keys. */
export type NormStats = {
  readonly state: VectorStats;
  readonly actions: VectorStats;
};

/**
 * Writes statistics as openpi's `norm_stats.json`.
 *
 * @law `parseNormStats` gives the same statistics back, bit for bit.
 * @source openpi `shared/normalize.py` `serialize_json` (15a9616)
 */
export const showNormStats = (stats: NormStats): string => `${JSON.stringify({ norm_stats: stats }, undefined, 2)}\n`;

const isNumbers = (value: Json | undefined): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

const numbers: Check<readonly number[]> = { expected: 'a list of numbers', is: isNumbers };

const numbersOrNull: Check<readonly number[] | null> = {
  expected: 'a list of numbers or null',
  is: (value): value is readonly number[] | null => value === null || isNumbers(value),
};

const decodeVector = (source: Source, parent: JsonObject, key: string): E.Either<DataError, VectorStats> => {
  const value = parent[key];
  const where = `norm_stats.${key}`;
  if (!isObject(value)) return E.left(invalid(source, where, 'an object with mean and std', value));
  const full: JsonObject = Object.fromEntries(
    Object.entries({ q01: null, q99: null, ...value }).map(([name, entry]) => [`${where}.${name}`, entry]),
  );
  return pipe(
    E.Do,
    E.bind('mean', () => field(source, full, `${where}.mean`, numbers)),
    E.bind('std', () => field(source, full, `${where}.std`, numbers)),
    E.bind('q01', () => field(source, full, `${where}.q01`, numbersOrNull)),
    E.bind('q99', () => field(source, full, `${where}.q99`, numbersOrNull)),
    E.filterOrElse(
      ({ mean, std, q01, q99 }) => [std, q01 ?? mean, q99 ?? mean].every((other) => other.length === mean.length),
      () => invalid(source, where, 'lists of one length', value),
    ),
  );
};

/**
 * Reads openpi's `norm_stats.json`.
 *
 * @param file - name for messages.
 * @errors `MalformedJson`, `InvalidField`
 * @source openpi `shared/normalize.py` `deserialize_json` (15a9616)
 */
export const parseNormStats = (file: string, content: string): E.Either<DataError, NormStats> => {
  const source = { file };
  return pipe(
    parseJson(file, content),
    E.flatMap((value) => {
      const stats = isObject(value) ? value['norm_stats'] : undefined;
      return isObject(stats) ? E.right(stats) : E.left(invalid(source, 'norm_stats', 'an object', stats));
    }),
    E.flatMap((stats) =>
      pipe(
        E.Do,
        E.bind('state', () => decodeVector(source, stats, 'state')),
        E.bind('actions', () => decodeVector(source, stats, 'actions')),
      ),
    ),
  );
};
