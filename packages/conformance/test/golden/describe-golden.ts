import type { SafetensorsTensor } from '@torsor/checkpoint';
import * as E from 'fp-ts/lib/Either.js';
import { describe, it } from 'vitest';
import { type GoldenError, goldenFiles, showGoldenError } from '../../src/index.js';

/** Readers for a test: what cannot be read fails the test with its message. */
export type Golden = {
  readonly json: (path: string) => unknown;
  readonly tensors: (path: string) => ReadonlyMap<string, SafetensorsTensor>;
};

const orFail = <A>(result: E.Either<GoldenError, A>): A => {
  if (E.isLeft(result)) throw new Error(showGoldenError(result.left));
  return result.right;
};

/**
 * A suite over one golden group. When the directory has none of the group's `paths`, the group is one skipped test whose
 * name says so; when it has only some, the suite runs and fails at the missing one.
 */
export const describeGolden = (group: string, paths: readonly string[], suite: (golden: Golden) => void): void => {
  const files = goldenFiles();
  if (!paths.some(files.has)) {
    it.skip(`golden ${group}: absent, ${files.directory} has no ${paths.join(', ')}`, () => {});
    return;
  }
  describe(`golden ${group}`, () => {
    suite({ json: (path) => orFail(files.json(path)), tensors: (path) => orFail(files.tensors(path)) });
  });
};
