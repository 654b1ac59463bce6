import { type Backend, type BackendError, type Buffer, showBackendError } from '@torsor/backend';
import { openTfjs } from '@torsor/backend-tfjs';
import { openXla } from '@torsor/backend-xla';
import { cacheDirectory } from '@torsor/install';
import { type ShapeError, showShapeError, type TensorValue } from '@torsor/tensor';
import { isNode, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

export type BackendKind = 'xla' | 'wasm' | 'tfjs-node' | 'tfjs-node-gpu';

const stop = (reason: string): never => {
  throw new Error(reason);
};

/** What a task of a backend gives; a failure ends the process with its words. */
export const done = async <A>(task: TaskEither<BackendError, A>): Promise<A> =>
  E.getOrElseW((error: BackendError) => stop(showBackendError(error)))(await task());

/** A program that was built. */
export const built: <A>(program: E.Either<ShapeError, A>) => A = E.getOrElseW((error) => stop(showShapeError(error)));

/** Opens a backend as the trainer does. */
export const openBackend = (kind: BackendKind, compileCache: string | null): TaskEither<BackendError, Backend> => {
  const { env } = process;
  return kind === 'xla'
    ? openXla({ env, cache: cacheDirectory(env), compileCache })
    : openTfjs(kind, { env, project: process.cwd() });
};

/** The tree of buffers of the structure of a tree of values. */
type OnDevice<T> = T extends TensorValue ? Buffer : { readonly [K in keyof T]: OnDevice<T[K]> };

const moved = async (backend: Backend, tree: Tree<TensorValue>): Promise<Tree<Buffer>> => {
  if (!isNode(tree)) return done(backend.put(tree));
  const entries: [string, Tree<Buffer>][] = [];
  for (const [name, child] of Object.entries(tree)) entries.push([name, await moved(backend, child)]);
  return Object.fromEntries(entries);
};

/** Copies a tree of values to a backend. */
export const putTree = async <T extends Tree<TensorValue>>(backend: Backend, tree: T): Promise<OnDevice<T>> =>
  // `moved` keeps the structure; the type system cannot follow a record built key by key.
  (await moved(backend, tree)) as OnDevice<T>;
