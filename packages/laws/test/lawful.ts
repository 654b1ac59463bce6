import type { AsyncLaw, Law } from '../src/index.js';

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

/** The same of laws that take time. */
export const asyncRefutations = async (laws: readonly AsyncLaw[]): Promise<ReadonlyMap<string, string>> => {
  const refuted = new Map<string, string>();
  for (const { name, check } of laws) {
    await check().catch((error: unknown) => refuted.set(name, String(error)));
  }
  return refuted;
};
