import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import type { DataError } from '../error.js';
import { isObject, type Json } from '../json.js';
import { counts, decode, type Source, text } from './field.js';

/** One feature of `meta/info.json`: a column of the parquet files, or a camera. */
export type Feature = {
  /** LeRobot's dtype: `float32`, `int64`, `video`, `image`, … */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** A label per dimension of a vector, all different: the dataset's own, or made up as `<feature>[i]`. */
  readonly names: readonly string[];
  /** What a user is told of labels that are not the dataset's own; `null` where they are, or where it has none. */
  readonly note: string | null;
};

/** Whether a feature is a camera, in video files or as pictures inside the parquet files. */
export const isCamera = (feature: Pick<Feature, 'dtype'>): boolean =>
  feature.dtype === 'video' || feature.dtype === 'image';

/** The cameras of a dataset that are video files. */
export const videoCameras = (features: ReadonlyMap<string, Feature>): readonly string[] =>
  [...features].flatMap(([name, { dtype }]) => (dtype === 'video' ? [name] : []));

const leaves = (names: Json): readonly Json[] => {
  if (Array.isArray(names)) return names.flatMap(leaves);
  if (isObject(names)) return Object.values(names).flatMap(leaves);
  return [names];
};

/** Labels of dimensions, and what a user is told of them. */
export type Labels = Pick<Feature, 'names' | 'note'>;

const numbered = (key: string, width: number): readonly string[] =>
  Array.from({ length: width }, (_, i) => `${key}[${i}]`);

/** Labels that differ: one that several dimensions have is followed by the number of its dimension. */
export const distinct = (key: string, names: readonly string[]): Labels => {
  const repeated = names.filter((name, i) => names.indexOf(name) !== i);
  if (repeated.length === 0) return { names, note: null };
  const made = names.map((name, i) => (repeated.includes(name) ? `${name}[${i}]` : name));
  const shown = [...new Set(repeated)].join(', ');
  return { names: made, note: `several dimensions of ${key} are called ${shown}: their numbers are added` };
};

/**
 * The labels of a vector's dimensions. Datasets write them as `["a", "b"]`, as `[["a", "b"]]`, as `{"motors": ["a", "b"]}`,
 * as `{"a": 0, "b": 1}`, as `null`, or as one name for the whole vector.
 */
const labelsOf = (key: string, names: Json, width: number): Labels => {
  if (names === null) return { names: numbered(key, width), note: null };
  const found = leaves(names);
  if (isObject(names) && found.every((leaf) => typeof leaf === 'number')) {
    const ranked = Object.entries(names).sort(([, a], [, b]) => Number(a) - Number(b));
    if (ranked.length === width) return { names: ranked.map(([name]) => name), note: null };
  }
  if (found.length === width && found.every((leaf): leaf is string => typeof leaf === 'string')) {
    return distinct(key, found);
  }
  const note = `meta/info.json gives the ${width} dimensions of ${key} ${found.length} names (${JSON.stringify(names)}): they are called ${key}[0] to ${key}[${width - 1}]`;
  return { names: numbered(key, width), note };
};

const featureSchema = z.object(
  { dtype: text, shape: counts, names: z.json().default(null) },
  'an object with dtype and shape',
);

/** Decodes one entry of `features`. */
export const decodeFeature = (source: Source, key: string, value: Json): E.Either<DataError, Feature> =>
  pipe(
    decode(source, featureSchema, value, ['features', key]),
    E.map(({ names, ...feature }): Feature => {
      // Names of a picture's axes are not names of dimensions.
      const isVector = !isCamera(feature) && feature.shape.length === 1;
      return isVector
        ? { ...feature, ...labelsOf(key, names, feature.shape[0] ?? 0) }
        : { ...feature, names: [], note: null };
    }),
  );
