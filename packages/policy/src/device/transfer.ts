import type { Backend, BackendError, Buffer } from '@torsor/backend';
import type { TensorValue } from '@torsor/tensor';
import { isNode, leaves, type Tree } from '@torsor/tree';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Placement } from './placement.js';

/** What a device does, or why it did not. */
export type DeviceEffect<A> = TE.TaskEither<BackendError, A>;

const moveTree =
  <A, B>(move: (leaf: A, path: string) => DeviceEffect<B>, at = '') =>
  (tree: Tree<A>): DeviceEffect<Tree<B>> => {
    if (!isNode(tree)) return move(tree, at);
    return pipe(
      Object.entries(tree),
      TE.traverseSeqArray(([key, child]) =>
        pipe(
          moveTree(move, at === '' ? key : `${at}/${key}`)(child),
          TE.map((moved) => [key, moved] as const),
        ),
      ),
      TE.map((entries): Tree<B> => Object.fromEntries(entries)),
    );
  };

/** The tree of buffers of the structure of a tree of values. */
export type OnDevice<T> = T extends TensorValue ? Buffer : { readonly [K in keyof T]: OnDevice<T[K]> };

/** The tree of values of the structure of a tree of buffers. */
export type OnHost<T> = T extends Buffer ? TensorValue : { readonly [K in keyof T]: OnHost<T[K]> };

/** Puts a value on the device; its path says how it lies there. */
export type PutOnDevice = (value: TensorValue, path: string) => DeviceEffect<Buffer>;

/** What is put on the device for something that then fails is taken back: nobody else knows of it. */
export const allOrNone =
  ({ backend, specOf }: Placement) =>
  <E, A>(use: (put: PutOnDevice) => TE.TaskEither<E, A>): TE.TaskEither<E, A> =>
  () => {
    const held: Buffer[] = [];
    const put: PutOnDevice = (value, path) =>
      pipe(
        backend.put(value, specOf(path, value.type)),
        TE.tapIO((buffer) => () => {
          held.push(buffer);
        }),
      );
    return pipe(
      use(put),
      TE.orElse((error) =>
        pipe(
          TE.fromTask<unknown, E>(backend.release(held)),
          TE.flatMap(() => TE.left<E, A>(error)),
        ),
      ),
    )();
  };

/** Copies a tree of values to a backend, all of them or none; their paths say how they lie there. */
export const putTree =
  (placement: Placement) =>
  <T extends Tree<TensorValue>>(tree: T): DeviceEffect<OnDevice<T>> =>
    // `moveTree` keeps the structure; the type system cannot follow a record built key by key.
    allOrNone(placement)((put) => moveTree(put)(tree)) as DeviceEffect<OnDevice<T>>;

/** Copies a tree of buffers to the host; the buffers stay. */
export const getTree =
  (backend: Backend) =>
  <T extends Tree<Buffer>>(tree: T): DeviceEffect<OnHost<T>> =>
    moveTree((buffer: Buffer) => backend.get(buffer))(tree) as DeviceEffect<OnHost<T>>;

/** Gives every buffer of a tree back. */
export const releaseTree =
  (backend: Backend) =>
  (tree: Tree<Buffer>): DeviceEffect<void> =>
    backend.release(leaves(tree));
