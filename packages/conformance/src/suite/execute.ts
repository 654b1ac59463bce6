import type { Backend, BackendError, Buffer } from '@torsor/backend';
import type { ExprTree, LeavesOf, Program, TensorType, TensorValue } from '@torsor/tensor';
import { type Entry, flatten, map, type Tree } from '@torsor/tree';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';

type Named<A> = ReadonlyMap<string, A>;

const inOrder =
  <A, B>(f: (leaf: A) => TE.TaskEither<BackendError, B>) =>
  (entries: ReadonlyArray<Entry<A>>): TE.TaskEither<BackendError, Named<B>> =>
    pipe(
      entries,
      TE.traverseSeqArray(({ path, leaf }) =>
        pipe(
          f(leaf),
          TE.map((result) => [path, result] as const),
        ),
      ),
      TE.map((results) => new Map(results)),
    );

/**
 * What a program gives on a backend, by the paths of its outputs; everything put there is released.
 *
 * @param values - a tree of the structure of the program's inputs.
 */
export const executeOn = <I extends Tree<TensorType>, O extends ExprTree>(
  backend: Backend,
  program: Program<I, O>,
  values: Tree<TensorValue>,
): TE.TaskEither<BackendError, Named<TensorValue>> =>
  pipe(
    TE.Do,
    TE.bind('executable', () => backend.compile(program)),
    TE.bind('buffers', () => inOrder(backend.put)(flatten(values))),
    TE.bind('outputs', ({ executable, buffers }) => {
      // The tree of buffers has the structure of the values, which is the program's.
      const inputs = map(values, (_, path) => buffers.get(path)) as unknown as LeavesOf<I, Buffer>;
      return backend.run(executable, inputs);
    }),
    TE.bind('entries', ({ outputs }) => TE.right(flatten(outputs as unknown as Tree<Buffer>))),
    TE.bind('results', ({ entries }) => inOrder(backend.get)(entries)),
    TE.chainFirst(({ buffers, entries }) =>
      backend.release([...buffers.values(), ...entries.map(({ leaf }) => leaf)]),
    ),
    TE.map(({ results }) => results),
  );
