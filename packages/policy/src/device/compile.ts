import type { Executable } from '@torsor/backend';
import type { ExprTree, Program, ShapeError, TensorType } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { backendError, type PolicyError } from '../error.js';
import type { Placement } from './placement.js';

/** A program, compiled. */
export type ExecutableOf<P> = P extends Program<infer I, infer O> ? Executable<I, O> : never;

/** What may fail on the way to a result. */
export type Effect<A> = TE.TaskEither<PolicyError, A>;

/** Compiles for the layouts of the mesh. */
export const compileProgram = <I extends Tree<TensorType>, O extends ExprTree>(
  { backend, specOf }: Placement,
  built: E.Either<ShapeError, Program<I, O>>,
): Effect<Executable<I, O>> =>
  pipe(
    built,
    E.mapLeft((error): PolicyError => ({ _tag: 'Program', error })),
    TE.fromEither,
    TE.flatMap((program) => pipe(backend.compile(program, { specOf }), TE.mapLeft(backendError))),
  );
