import type { Backend, BackendError, Buffer, Executable } from '@torsor/backend';
import type { Expr, ExprTree, TensorType, TensorValue } from '@torsor/tensor';
import { toFloat64 } from '@torsor/tensor';
import { leaves, type Tree } from '@torsor/tree';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { getTree, putTree, releaseTree } from './transfer.js';

/** What a compiled update takes: the state it replaces, and everything that is new at this step. */
export type StepInputs = { readonly state: Tree<TensorType>; readonly batch: Tree<TensorType> };

/** What it gives: the next state, and scalars. */
export type StepOutputs = { readonly state: ExprTree; readonly metrics: { readonly [name: string]: Expr } };

/** The next state on the device, and its scalars on the host. */
export type StepResult = {
  readonly state: Tree<Buffer>;
  readonly metrics: { readonly [name: string]: number };
};

type Effect<A> = TE.TaskEither<BackendError, A>;

const scalar =
  (backend: Backend) =>
  (buffer: Buffer): Effect<number> =>
    pipe(
      backend.get(buffer),
      TE.map((value) => toFloat64(value)[0] ?? Number.NaN),
    );

const scalars = (backend: Backend, metrics: { readonly [name: string]: Buffer }): Effect<StepResult['metrics']> =>
  pipe(
    Object.entries(metrics),
    TE.traverseSeqArray(([name, buffer]) =>
      pipe(
        scalar(backend)(buffer),
        TE.map((value) => [name, value] as const),
      ),
    ),
    TE.map((entries) => Object.fromEntries(entries)),
    TE.tap(() => backend.release(leaves<Buffer>(metrics))),
  );

/**
 * Makes one update: the batch is copied to the device, the old state and the batch are given up, and only scalars come back.
 *
 * @errors those of the backend.
 * @law buffers alive after it are as many as before: the next state takes the place of the old one.
 */
export const stepOnDevice =
  (backend: Backend, executable: Executable<StepInputs, StepOutputs>) =>
  (state: Tree<Buffer>, batch: Tree<TensorValue>): Effect<StepResult> =>
    pipe(
      putTree(backend)(batch),
      TE.flatMap((buffers) => backend.run(executable, { state, batch: buffers }, { donate: ['state', 'batch'] })),
      TE.flatMap(({ state: next, metrics }) =>
        pipe(
          scalars(backend, metrics),
          TE.map((values) => ({ state: next, metrics: values })),
        ),
      ),
    );

/** Runs a program that changes nothing: `inputs` stay where they are, the results come to the host. */
export const evaluateOnDevice =
  (backend: Backend, executable: Executable<StepInputs, ExprTree>) =>
  (state: Tree<Buffer>, batch: Tree<TensorValue>): Effect<Tree<TensorValue>> =>
    pipe(
      putTree(backend)(batch),
      TE.flatMap((buffers) => backend.run(executable, { state, batch: buffers }, { donate: ['batch'] })),
      TE.flatMap((outputs) =>
        pipe(
          getTree(backend)(outputs),
          TE.tap(() => releaseTree(backend)(outputs)),
        ),
      ),
    );
