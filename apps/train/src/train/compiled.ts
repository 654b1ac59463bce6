import type { BackendError, Executable } from '@torsor/backend';
import type { OptimError } from '@torsor/optim';
import type { DType, ExprTree, Program, ShapeError, TensorType } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Placed } from './placed.js';

/**
 * Why a session could not be opened: a program that cannot be built, a filter without effect, a backend without the dtype that
 * parameters are kept in, or the backend itself.
 */
export type SessionError =
  | { readonly _tag: 'Program'; readonly error: ShapeError }
  | { readonly _tag: 'Optim'; readonly error: OptimError }
  | { readonly _tag: 'NoDType'; readonly backend: string; readonly dtype: DType }
  | { readonly _tag: 'Backend'; readonly error: BackendError };

/** A program, compiled. */
export type ExecutableOf<P> = P extends Program<infer I, infer O> ? Executable<I, O> : never;

/** What a session, or a part of it, is opened by. */
export type Opening<A> = TE.TaskEither<SessionError, A>;

const onBackend = <A>(task: TE.TaskEither<BackendError, A>): Opening<A> =>
  pipe(
    task,
    TE.mapLeft((error): SessionError => ({ _tag: 'Backend', error })),
  );

/** Compiles for the layouts of the mesh. */
export const compiled = <I extends Tree<TensorType>, O extends ExprTree>(
  { backend, specOf }: Placed,
  made: E.Either<ShapeError, Program<I, O>>,
): Opening<Executable<I, O>> =>
  pipe(
    TE.fromEither(built(made)),
    TE.flatMap((program) => onBackend(backend.compile(program, { specOf }))),
  );

const built = <A>(made: E.Either<ShapeError, A>): E.Either<SessionError, A> =>
  pipe(
    made,
    E.mapLeft((error): SessionError => ({ _tag: 'Program', error })),
  );
