import { type Backend, type BackendError, showBackendError } from '@torsor/backend';
import { openXla } from '@torsor/backend-xla';
import { cacheDirectory } from '@torsor/install';
import type { Mesh } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

const search = { env: process.env, cache: cacheDirectory(process.env), compileCache: null };

/** XLA as this machine has it, and as it is used. Nothing is kept between runs: a test compiles what it tests. */
export const xla = (): TaskEither<BackendError, Backend> => openXla(search);

/**
 * XLA for models, of which compiling takes far longer than the one step that is compared: all its own passes, the kernels'
 * machine code without LLVM's optimizations. The table of errors in docs is of XLA as it is used.
 */
export const xlaForModels = (mesh: Mesh | null = null): TaskEither<BackendError, Backend> =>
  openXla({
    ...search,
    mesh,
    compilerOptions:
      process.env['TORSOR_FIDELITY'] === 'write'
        ? {}
        : { xla_backend_optimization_level: 0, xla_llvm_disable_expensive_passes: true },
  });

/** Why XLA cannot be tested here; `undefined` when it can. */
export const xlaMissing = async (): Promise<string | undefined> => {
  const opened = await xla()();
  return E.isLeft(opened) ? showBackendError(opened.left) : undefined;
};
