import { type Backend, type BackendError, type Buffer, showBackendError } from '@torsor/backend';
import type { ExprTree, LeavesOf, Program, TensorType, TensorValue } from '@torsor/tensor';
import { flatten, map, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** The result of a task; a failure fails the test with its message. */
export const orThrow = async <A>(task: TaskEither<BackendError, A>): Promise<A> => {
  const result = await task();
  if (E.isLeft(result)) throw new Error(showBackendError(result.left));
  return result.right;
};

/** Runs a compiled program: what it gives, by the paths of its outputs. */
export type RunCompiled = (values: Tree<TensorValue>) => Promise<ReadonlyMap<string, TensorValue>>;

/** A program compiled on a backend, to be run on values any number of times. */
export const compiledOn = async <I extends Tree<TensorType>, O extends ExprTree>(
  backend: Backend,
  program: Program<I, O>,
): Promise<RunCompiled> => {
  const executable = await orThrow(backend.compile(program));
  return async (values) => {
    const buffers = new Map<string, Buffer>();
    for (const { path, leaf } of flatten(values)) buffers.set(path, await orThrow(backend.put(leaf)));
    // The tree of buffers has the structure of the values', which is the program's.
    const inputs = map(values, (_, path) => buffers.get(path)) as unknown as LeavesOf<I, Buffer>;
    const outputs = flatten((await orThrow(backend.run(executable, inputs))) as unknown as Tree<Buffer>);
    const results = new Map<string, TensorValue>();
    for (const { path, leaf } of outputs) results.set(path, await orThrow(backend.get(leaf)));
    await orThrow(backend.release([...buffers.values(), ...outputs.map(({ leaf }) => leaf)]));
    return results;
  };
};

/** What a program gives on a backend, by the paths of its outputs. */
export const runOn = async <I extends Tree<TensorType>, O extends ExprTree>(
  backend: Backend,
  program: Program<I, O>,
  values: Tree<TensorValue>,
): Promise<ReadonlyMap<string, TensorValue>> => (await compiledOn(backend, program))(values);
