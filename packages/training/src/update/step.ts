import type { Backend, Buffer, Executable } from '@torsor/backend';
import { type DeviceEffect, type Placement, putTree } from '@torsor/policy';
import type { Expr, ExprTree, TensorType, TensorValue } from '@torsor/tensor';
import { toFloat64 } from '@torsor/tensor';
import { leaves, type Tree } from '@torsor/tree';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';

/** What a compiled update takes: the state it replaces, and everything that is new at this step. */
export type StepInputs = { readonly state: Tree<TensorType>; readonly batch: Tree<TensorType> };

/** What it gives: the next state, and scalars. */
export type StepOutputs = { readonly state: ExprTree; readonly metrics: { readonly [name: string]: Expr } };

/** The next state on the device, and its scalars on the host. */
export type StepResult<S> = {
  readonly state: S;
  readonly metrics: { readonly [name: string]: number };
};

const scalar =
  (backend: Backend) =>
  (buffer: Buffer): DeviceEffect<number> =>
    pipe(
      backend.get(buffer),
      TE.map((value) => toFloat64(value)[0] ?? Number.NaN),
    );

type Scalars = { readonly [name: string]: number };

const scalars = (backend: Backend, metrics: { readonly [name: string]: Buffer }): DeviceEffect<Scalars> =>
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
  (placement: Placement, executable: Executable<StepInputs, StepOutputs>) =>
  <S extends Tree<Buffer>>(state: S, batch: Tree<TensorValue>): DeviceEffect<StepResult<S>> =>
    pipe(
      putTree(placement)({ batch }),
      TE.flatMap((buffers) => placement.backend.run(executable, { state, ...buffers }, { donate: ['state', 'batch'] })),
      TE.flatMap(({ state: next, metrics: measured }) =>
        pipe(
          scalars(placement.backend, measured),
          // The program was built to return a state of the structure it takes.
          TE.map((metrics) => ({ state: next as S, metrics })),
        ),
      ),
    );
