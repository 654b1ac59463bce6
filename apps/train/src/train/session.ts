import type { Backend, BackendError, Buffer, Executable } from '@torsor/backend';
import { initParams, type Pi0Config } from '@torsor/models';
import type { OptimError } from '@torsor/optim';
import type { Program, ShapeError, TensorValue } from '@torsor/tensor';
import { isNode, leaves, type Tree, type TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import {
  type FirstProgram,
  firstProgram,
  type LossProgram,
  lossProgram,
  type PolicyState,
  recipeOf,
  type SampleProgram,
  sampleProgram,
  type UpdateProgram,
  updateProgram,
} from './programs.js';
import type { SavedState } from './savedState.js';
import { initKey } from './streams.js';
import { getTree, putTree } from './transfer.js';

/** Why a session could not be opened: a program that cannot be built, a filter without effect, or the backend. */
export type SessionError =
  | { readonly _tag: 'Program'; readonly error: ShapeError }
  | { readonly _tag: 'Optim'; readonly error: OptimError }
  | { readonly _tag: 'Backend'; readonly error: BackendError };

type ExecutableOf<P> = P extends Program<infer I, infer O> ? Executable<I, O> : never;

/** The programs that evaluate a policy, compiled. */
export type PolicyPrograms = {
  readonly backend: Backend;
  readonly batchSize: number;
  readonly loss: ExecutableOf<LossProgram>;
  readonly sample: ExecutableOf<SampleProgram>;
};

/** The programs of a training run, compiled, and how its state begins. */
export type Session = PolicyPrograms & {
  readonly update: ExecutableOf<UpdateProgram>;
  readonly first: ExecutableOf<FirstProgram>;
};

type Opening<A> = TE.TaskEither<SessionError, A>;

const onBackend = <A>(task: TE.TaskEither<BackendError, A>): Opening<A> =>
  pipe(
    task,
    TE.mapLeft((error): SessionError => ({ _tag: 'Backend', error })),
  );

const built = <A>(made: E.Either<ShapeError, A>): E.Either<SessionError, A> =>
  pipe(
    made,
    E.mapLeft((error): SessionError => ({ _tag: 'Program', error })),
  );

/**
 * Compiles what evaluates a policy.
 *
 * @param realDims - action dimensions of the dataset.
 */
export const openPolicy = (
  backend: Backend,
  config: TrainConfig,
  policy: Pi0Config,
  realDims: number,
): Opening<PolicyPrograms> =>
  pipe(
    TE.Do,
    TE.bind('loss', () =>
      pipe(
        TE.fromEither(built(lossProgram(policy, realDims, config.batchSize))),
        TE.flatMap((made) => onBackend(backend.compile(made))),
      ),
    ),
    TE.bind('sample', () =>
      pipe(
        TE.fromEither(built(sampleProgram(policy, config.batchSize, config.numSamplingSteps))),
        TE.flatMap((made) => onBackend(backend.compile(made))),
      ),
    ),
    TE.map(({ loss, sample }) => ({ backend, batchSize: config.batchSize, loss, sample })),
  );

/** Compiles everything a training run does. */
export const openSession = (
  backend: Backend,
  config: TrainConfig,
  policy: Pi0Config,
  realDims: number,
): Opening<Session> =>
  pipe(
    TE.Do,
    TE.bind('recipe', () =>
      TE.fromEither(
        pipe(
          recipeOf(config, policy, realDims),
          E.mapLeft((error): SessionError => ({ _tag: 'Optim', error })),
        ),
      ),
    ),
    TE.bind('firstMade', ({ recipe }) => TE.fromEither(built(firstProgram(recipe, policy)))),
    TE.bind('updateMade', ({ recipe, firstMade }) => {
      const { optimizer } = firstMade.signature.outputs;
      return TE.fromEither(built(updateProgram(recipe, policy, optimizer, config.batchSize)));
    }),
    TE.bind('first', ({ firstMade }) => onBackend(backend.compile(firstMade))),
    TE.bind('update', ({ updateMade }) => onBackend(backend.compile(updateMade))),
    TE.bind('programs', () => openPolicy(backend, config, policy, realDims)),
    TE.map(({ programs, first, update }) => ({ ...programs, first, update })),
  );

/** Fresh parameters and the optimizer's first state on the device; averages begin as the parameters. */
export const firstState = (
  { backend, first }: Session,
  config: TrainConfig,
  policy: Pi0Config,
): TE.TaskEither<BackendError, PolicyState<Buffer>> => {
  const params = initParams(policy, initKey(config.seed));
  return pipe(
    TE.Do,
    TE.bind('params', () => putTree(backend)(params)),
    TE.bind('ema', () => (config.emaDecay === null ? TE.right({}) : putTree(backend)(params))),
    TE.bind('began', () => backend.run(first, {})),
    TE.map(({ params: put, ema, began }) => ({ params: put, ema, optimizer: began.optimizer })),
  );
};

const nodeAt = (tree: Tree<TensorValue>, key: string): TreeNode<TensorValue> => {
  const below = isNode(tree) ? tree[key] : undefined;
  return below !== undefined && isNode(below) ? below : {};
};

/** A saved state on the device. */
export const restoredState = (backend: Backend, saved: SavedState): TE.TaskEither<BackendError, PolicyState<Buffer>> =>
  pipe(
    TE.Do,
    TE.bind('params', () => putTree(backend)(saved.params)),
    TE.bind('ema', () => putTree(backend)(nodeAt(saved.others, 'ema'))),
    TE.bind('optimizer', () => putTree(backend)(nodeAt(saved.others, 'optimizer'))),
    TE.map(({ params, ema, optimizer }) => ({ params, ema, optimizer: isNode(optimizer) ? optimizer : {} })),
  );

/** The parts of a state that have leaves: no averages are kept without averaging, no state by an optimizer without one. */
const withoutEmpty = (parts: TreeNode<Buffer>): TreeNode<Buffer> =>
  Object.fromEntries(Object.entries(parts).filter(([, part]) => leaves(part).length > 0));

/** The device's state on the host; it stays on the device too. */
export const hostedState = (
  backend: Backend,
  { params, ema, optimizer }: PolicyState<Buffer>,
): TE.TaskEither<BackendError, Pick<SavedState, 'params' | 'others'>> =>
  pipe(
    TE.Do,
    TE.bind('params', () => getTree(backend)(params)),
    TE.bind('others', () => getTree(backend)(withoutEmpty({ ema, optimizer }))),
  );
