import type { SettingsError } from './error.js';
import { type Layer, originAt, valueAt } from './layer.js';

/** A value that some settings never read. */
export type Ignorable<A> = {
  /** Its dotted key path. */
  readonly path: string;
  /** Whether nothing reads it under these settings. */
  readonly isIgnored: (settings: A) => boolean;
  /** Why. */
  readonly reason: string;
  /** What to do to have it read, instead of removing it. */
  readonly remedy: string;
};

/**
 * What was said and would change nothing, given the layers of whoever is told (what presets and defaults say is not to be
 * refused) and what all layers decode to.
 *
 * @param declarations - of a path with several the first that holds speaks.
 * @returns an `Ignored` for each such value, in the order of the declarations; none for values that nobody said.
 */
export const ignoredSettings = <A>(
  declarations: readonly Ignorable<A>[],
  said: readonly Layer[],
  settings: A,
): readonly SettingsError[] => {
  const told = new Set<string>();
  return declarations.flatMap(({ path, isIgnored, reason, remedy }): readonly SettingsError[] => {
    const keys = path.split('.');
    const isSaid = said.some(({ values }) => valueAt(values, keys) !== undefined);
    if (!isSaid || told.has(path) || !isIgnored(settings)) return [];
    told.add(path);
    return [{ _tag: 'Ignored', path, reason, remedy, origin: originAt(said, keys) }];
  });
};
