import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import type { DataError } from '../error.js';
import { parseJson } from '../json.js';
import { decode } from '../meta/field.js';

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

const numbers = z.array(z.number('a list of numbers'), 'a list of numbers').readonly();

const orNull = 'a list of numbers or null';
const numbersOrNull = z.array(z.number(orNull), orNull).readonly().nullable().default(null);

const vectorSchema = z
  .object({ mean: numbers, std: numbers, q01: numbersOrNull, q99: numbersOrNull }, 'an object with mean and std')
  .refine(
    ({ mean, std, q01, q99 }) => [std, q01 ?? mean, q99 ?? mean].every((other) => other.length === mean.length),
    'lists of one length',
  );

const fileSchema = z.object(
  { norm_stats: z.object({ state: vectorSchema, actions: vectorSchema }, 'an object') },
  'an object with norm_stats',
);

/**
 * Reads openpi's `norm_stats.json`.
 *
 * @param file - name for messages.
 * @errors `MalformedJson`, `InvalidField`
 * @source openpi `shared/normalize.py` `deserialize_json` (15a9616)
 */
export const parseNormStats = (file: string, content: string): E.Either<DataError, NormStats> =>
  pipe(
    parseJson(file, content),
    E.flatMap((value) => decode({ file }, fileSchema, value)),
    E.map(({ norm_stats: stats }) => stats),
  );
