import { type BackendError, showBackendError } from '@torsor/backend';
import { cacheDirectory } from '@torsor/install';
import type { ExprTree, Program, TensorType } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { type Client, clientOf } from '../../src/native/client.js';
import { type PjrtError, showPjrtError } from '../../src/native/error.js';
import { loadLibrary } from '../../src/native/library.js';
import { showPluginError } from '../../src/native/plugin/error.js';
import { findPlugins } from '../../src/native/plugin/find.js';
import { inspectPlugin } from '../../src/native/plugin/inspect.js';
import type { Plugin } from '../../src/open.js';

const search = async (): Promise<E.Either<string, Plugin>> => {
  const found = await findPlugins({ env: process.env, cache: cacheDirectory(process.env) })();
  if (E.isLeft(found)) return E.left(showPluginError(found.left));
  for (const candidate of found.right) {
    if (E.isRight(await inspectPlugin(candidate)())) return E.right(candidate);
  }
  return E.left('no plugin on this machine; torsor setup xla fetches one');
};

const found = await search();

/** Why tests that need a plugin are skipped; `undefined` when they are not. */
export const missing = E.isLeft(found) ? found.left : undefined;

/** The plugin, where there is one. */
export const plugin = (): Plugin => right(found);

/** What is right; a test ends at what is not. */
export const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isRight(either)) return either.right;
  throw new Error(typeof either.left === 'string' ? either.left : JSON.stringify(either.left));
};

/** The result of a backend's task. */
export const done = async <A>(task: TE.TaskEither<BackendError, A>): Promise<A> =>
  right(E.mapLeft(showBackendError)(await task()));

/** The result of a call of the C API. */
export const called = <A>(answer: E.Either<PjrtError, A>): A => right(E.mapLeft(showPjrtError)(answer));

/** The plugin's client, which the process has one of. */
export const client = (): Client => called(E.flatMap(clientOf)(loadLibrary(plugin().path, plugin().preload)));

/** A program that was built. */
export const built = <I extends Tree<TensorType>, O extends ExprTree>(
  program: E.Either<unknown, Program<I, O>>,
): Program<I, O> => right(program);
