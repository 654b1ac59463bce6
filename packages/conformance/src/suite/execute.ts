import type { Backend, BackendError, Buffer } from '@torsor/backend';
import type { ExprTree, LeavesOf, Program, TensorType, TensorValue } from '@torsor/tensor';
import { flatten, map, type Tree } from '@torsor/tree';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';

type Result<A> = TE.TaskEither<BackendError, A>;
type Values = ReadonlyMap<string, TensorValue>;

/** Runs a program on buffers and reads its outputs, which are released whether or not that succeeds. */
const runAndGet = <I extends Tree<TensorType>, O extends ExprTree>(
  backend: Backend,
  program: Program<I, O>,
  inputs: Tree<Buffer | undefined>,
): Result<Values> =>
  pipe(
    backend.compile(program),
    // The tree of buffers has the structure of the values, which is the program's.
    TE.flatMap((executable) => backend.run(executable, inputs as unknown as LeavesOf<I, Buffer>)),
    TE.map((outputs) => flatten(outputs as unknown as Tree<Buffer>)),
    TE.flatMap((entries) =>
      TE.bracket(
        TE.right<BackendError, typeof entries>(entries),
        TE.traverseSeqArray(({ path, leaf }) =>
          pipe(
            backend.get(leaf),
            TE.map((value) => [path, value] as const),
          ),
        ),
        () => backend.release(entries.map(({ leaf }) => leaf)),
      ),
    ),
    TE.map((results) => new Map(results)),
  );

/**
 * What a program gives on a backend, by the paths of its outputs; everything put there is released, on failure too.
 *
 * @param values - a tree of the structure of the program's inputs.
 */
export const executeOn = <I extends Tree<TensorType>, O extends ExprTree>(
  backend: Backend,
  program: Program<I, O>,
  values: Tree<TensorValue>,
): Result<Values> => {
  const put: Buffer[] = [];
  const putAll = pipe(
    flatten(values),
    TE.traverseSeqArray(({ path, leaf }) =>
      pipe(
        backend.put(leaf),
        TE.map((buffer) => {
          put.push(buffer);
          return [path, buffer] as const;
        }),
      ),
    ),
    TE.map((pairs) => new Map(pairs)),
  );
  return TE.bracket(
    TE.right<BackendError, null>(null),
    () =>
      pipe(
        putAll,
        TE.flatMap((buffers) =>
          runAndGet(
            backend,
            program,
            map(values, (_, path) => buffers.get(path)),
          ),
        ),
      ),
    () => backend.release(put),
  );
};
