import { type Backend, type BackendError, showBackendError } from '@torsor/backend';
import { openXla } from '@torsor/backend-xla';
import { cacheDirectory } from '@torsor/install';
import type { Mesh } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** XLA as this machine has it. Nothing is kept between runs: a test compiles what it tests. */
export const xla = (mesh: Mesh | null = null): TaskEither<BackendError, Backend> =>
  openXla({ env: process.env, cache: cacheDirectory(process.env), mesh, compileCache: null });

/** Why XLA cannot be tested here; `undefined` when it can. */
export const xlaMissing = async (): Promise<string | undefined> => {
  const opened = await xla()();
  return E.isLeft(opened) ? showBackendError(opened.left) : undefined;
};
