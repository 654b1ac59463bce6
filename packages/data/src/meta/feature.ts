import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import type { DataError } from '../error.js';
import { isObject, type Json } from '../json.js';
import { counts, decode, invalid, type Source, text } from './field.js';

/** One feature of `meta/info.json`: a column of the parquet files, or a camera. */
export type Feature = {
  /** LeRobot's dtype: `float32`, `int64`, `video`, `image`, … */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** A name per dimension of a vector, made up as `<feature>[i]` where the dataset gives none. */
  readonly names: readonly string[];
};

/** Whether a feature is a camera, in video files or as pictures inside the parquet files. */
export const isCamera = (feature: Feature): boolean => feature.dtype === 'video' || feature.dtype === 'image';

const leaves = (names: Json): readonly Json[] => {
  if (Array.isArray(names)) return names.flatMap(leaves);
  if (isObject(names)) return Object.values(names).flatMap(leaves);
  return [names];
};

/**
 * The names of a vector's dimensions. Datasets write them as `["a", "b"]`, as `[["a", "b"]]`, as `{"motors": ["a", "b"]}`,
 * as `{"a": 0, "b": 1}` or as `null`.
 */
const dimensionNames = (
  source: Source,
  key: string,
  names: Json,
  width: number,
): E.Either<DataError, readonly string[]> => {
  if (names === null) return E.right(Array.from({ length: width }, (_, i) => `${key}[${i}]`));
  const found = leaves(names);
  if (isObject(names) && found.every((leaf) => typeof leaf === 'number')) {
    const ranked = Object.entries(names).sort(([, a], [, b]) => Number(a) - Number(b));
    if (ranked.length === width) return E.right(ranked.map(([name]) => name));
  }
  if (found.length === width && found.every((leaf): leaf is string => typeof leaf === 'string')) return E.right(found);
  return E.left(invalid(source, `features.${key}.names`, `${width} names, one per dimension, or null`, names));
};

const featureSchema = z.object(
  { dtype: text, shape: counts, names: z.json().default(null) },
  'an object with dtype and shape',
);

/** Decodes one entry of `features`. */
export const decodeFeature = (source: Source, key: string, value: Json): E.Either<DataError, Feature> =>
  pipe(
    decode(source, featureSchema, value, ['features', key]),
    E.flatMap(({ names, ...feature }): E.Either<DataError, Feature> => {
      // Names of a picture's axes are not names of dimensions.
      if (isCamera({ ...feature, names: [] }) || feature.shape.length !== 1) return E.right({ ...feature, names: [] });
      return pipe(
        dimensionNames(source, key, names, feature.shape[0] ?? 0),
        E.map((found) => ({ ...feature, names: found })),
      );
    }),
  );
