import type { Law } from '../src/index.js';

/** The names of the laws that are refuted, with what their checks say. */
export const refutations = (laws: readonly Law[]): ReadonlyMap<string, string> =>
  new Map(
    laws.flatMap(({ name, check }): ReadonlyArray<readonly [string, string]> => {
      try {
        check();
        return [];
      } catch (error) {
        return [[name, String(error)]];
      }
    }),
  );
