import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { DataError } from '../error.js';
import { distinct, type Feature, isCamera } from './feature.js';

/** A vector of every frame: one feature of the dataset, or several joined in this order. */
export type Vector = {
  readonly columns: readonly { readonly name: string; readonly width: number; readonly dtype: string }[];
  /** A label per dimension, all different. */
  readonly names: readonly string[];
  /** What a user is told of where it is read and how it is labelled. */
  readonly notes: readonly string[];
};

/** The vectors that training needs. */
export type VectorRole = 'state' | 'action';

/** The features that a user says a vector is of, joined in this order; what writers usually call it where `null` or left out. */
export type VectorColumns = { readonly [role in VectorRole]?: string | readonly string[] | null };

/** What writers call them, LeRobot's own name first: openpi's converters and others write the second. */
const usual: { readonly [role in VectorRole]: readonly string[] } = {
  state: ['observation.state', 'state'],
  action: ['action', 'actions'],
};

type Features = ReadonlyMap<string, Feature>;

const vectorsOf = (features: Features): readonly string[] =>
  [...features].flatMap(([name, feature]) => (isCamera(feature) ? [] : [name]));

const columnOf =
  (file: string, features: Features, role: VectorRole) =>
  (name: string): E.Either<DataError, readonly [string, Feature]> => {
    const feature = features.get(name);
    if (feature === undefined) {
      return E.left({ _tag: 'MissingFeature', file, role, feature: name, present: vectorsOf(features) });
    }
    const [width = 0] = feature.shape;
    if (feature.shape.length === 1 && width > 0) return E.right([name, feature]);
    const found = JSON.stringify(feature.shape);
    const expected = 'one dimension, 1 or more wide';
    return E.left({ _tag: 'InvalidField', file, field: `features.${name}.shape`, expected, found });
  };

const joined = (role: VectorRole, columns: readonly (readonly [string, Feature])[]): Vector => {
  const { names, note } = distinct(
    role,
    columns.flatMap(([, feature]) => feature.names),
  );
  const notes = [...columns.map(([, feature]) => feature.note), note].filter((said) => said !== null);
  return {
    columns: columns.map(([name, { shape, dtype }]) => ({ name, width: shape[0] ?? 0, dtype })),
    names,
    notes,
  };
};

/**
 * The vector of a role.
 *
 * @param said - the features that a user names; `null` or left out: the first of the usual names that the dataset has.
 * @errors `MissingFeature`; `InvalidField` for a feature that is no vector.
 */
export const vectorOf = (
  file: string,
  features: Features,
  role: VectorRole,
  said: VectorColumns[VectorRole],
): E.Either<DataError, Vector> => {
  const [own = '', ...others] = usual[role];
  const found = [own, ...others].find((name) => features.has(name)) ?? own;
  const wanted = typeof said === 'string' ? [said] : (said ?? [found]);
  return pipe(
    wanted,
    E.traverseArray(columnOf(file, features, role)),
    E.map((columns) => {
      const vector = joined(role, columns);
      const isUsual = wanted.length === 1 && wanted[0] === own;
      return isUsual
        ? vector
        : { ...vector, notes: [`the ${role} is read from ${wanted.join(' and ')}`, ...vector.notes] };
    }),
  );
};
