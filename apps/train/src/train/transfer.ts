import type { Backend, BackendError, Buffer } from '@torsor/backend';
import type { TensorValue } from '@torsor/tensor';
import { isNode, leaves, type Tree } from '@torsor/tree';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';

type Effect<A> = TE.TaskEither<BackendError, A>;

const moveTree =
  <A, B>(move: (leaf: A) => Effect<B>) =>
  (tree: Tree<A>): Effect<Tree<B>> => {
    if (!isNode(tree)) return move(tree);
    return pipe(
      Object.entries(tree),
      TE.traverseSeqArray(([key, child]) =>
        pipe(
          moveTree(move)(child),
          TE.map((moved) => [key, moved] as const),
        ),
      ),
      TE.map((entries): Tree<B> => Object.fromEntries(entries)),
    );
  };

/** Copies a tree of values to a backend. */
export const putTree = (backend: Backend): ((tree: Tree<TensorValue>) => Effect<Tree<Buffer>>) => moveTree(backend.put);

/** Copies a tree of buffers to the host; the buffers stay. */
export const getTree = (backend: Backend): ((tree: Tree<Buffer>) => Effect<Tree<TensorValue>>) => moveTree(backend.get);

/** Gives every buffer of a tree back. */
export const releaseTree =
  (backend: Backend) =>
  (tree: Tree<Buffer>): Effect<void> =>
    backend.release(leaves(tree));
