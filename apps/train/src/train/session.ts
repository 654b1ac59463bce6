import type { Backend, BackendError, Buffer, Executable } from '@torsor/backend';
import { initParams, type Pi0Config } from '@torsor/models';
import type { OptimError } from '@torsor/optim';
import type { ExprTree, Program, ShapeError, TensorType, TensorValue } from '@torsor/tensor';
import { isNode, leaves, type Tree, type TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { type Placed, placedOn } from './placed.js';
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
export type PolicyPrograms = Placed & {
  readonly batchSize: number;
  readonly loss: ExecutableOf<LossProgram>;
  readonly sample: ExecutableOf<SampleProgram>;
};

/** The programs that train a policy, compiled. */
export type TrainingPrograms = Placed & {
  readonly update: ExecutableOf<UpdateProgram>;
  /** How the optimizer's state begins. */
  readonly first: ExecutableOf<FirstProgram>;
};

/** The programs of a training run, compiled. */
export type Session = PolicyPrograms & TrainingPrograms;

type Opening<A> = TE.TaskEither<SessionError, A>;

const onBackend = <A>(task: TE.TaskEither<BackendError, A>): Opening<A> =>
  pipe(
    task,
    TE.mapLeft((error): SessionError => ({ _tag: 'Backend', error })),
  );

/** Compiles for the layouts of the mesh. */
const compiled = <I extends Tree<TensorType>, O extends ExprTree>(
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
): Opening<PolicyPrograms> => {
  const placed = placedOn(backend, config.fsdpMinBytes);
  const { batchSize, numSamplingSteps } = config;
  return pipe(
    TE.Do,
    TE.bind('loss', () => compiled(placed, lossProgram(policy, realDims, batchSize))),
    TE.bind('sample', () => compiled(placed, sampleProgram(policy, batchSize, numSamplingSteps))),
    TE.map((programs) => ({ ...placed, ...programs, batchSize })),
  );
};

/**
 * Compiles what trains a policy.
 *
 * @param realDims - action dimensions of the dataset.
 */
export const openTraining = (
  backend: Backend,
  config: TrainConfig,
  policy: Pi0Config,
  realDims: number,
): Opening<TrainingPrograms> => {
  const placed = placedOn(backend, config.fsdpMinBytes);
  return pipe(
    TE.Do,
    TE.bind('recipe', () =>
      TE.fromEither(
        pipe(
          recipeOf(config, policy, realDims),
          E.mapLeft((error): SessionError => ({ _tag: 'Optim', error })),
        ),
      ),
    ),
    TE.bind('first', ({ recipe }) => compiled(placed, firstProgram(recipe, policy))),
    TE.bind('update', ({ recipe, first }) => {
      const { optimizer } = first.program.signature.outputs;
      return compiled(placed, updateProgram(recipe, policy, optimizer, config.batchSize));
    }),
    TE.map(({ first, update }) => ({ ...placed, first, update })),
  );
};

/** Compiles everything a training run does. */
export const openSession = (
  backend: Backend,
  config: TrainConfig,
  policy: Pi0Config,
  realDims: number,
): Opening<Session> =>
  pipe(
    TE.Do,
    TE.bind('training', () => openTraining(backend, config, policy, realDims)),
    TE.bind('policy', () => openPolicy(backend, config, policy, realDims)),
    TE.map((programs) => ({ ...programs.training, ...programs.policy })),
  );

/** Fresh parameters and the optimizer's first state on the device; averages begin as the parameters. */
export const firstState = (
  { backend, specOf, first }: TrainingPrograms,
  config: TrainConfig,
  policy: Pi0Config,
): TE.TaskEither<BackendError, PolicyState<Buffer>> => {
  const put = putTree({ backend, specOf });
  const params = initParams(policy, initKey(config.seed));
  return pipe(
    TE.Do,
    TE.bind('trained', () => put({ params })),
    TE.bind('averaged', () => put({ ema: config.emaDecay === null ? {} : params })),
    TE.bind('began', () => backend.run(first, {})),
    TE.map(({ trained, averaged, began }) => ({ ...trained, ...averaged, ...began })),
  );
};

const nodeAt = (tree: Tree<TensorValue>, key: string): TreeNode<TensorValue> => {
  const below = isNode(tree) ? tree[key] : undefined;
  return below !== undefined && isNode(below) ? below : {};
};

/** A saved state on the device, whatever devices it was saved from. */
export const restoredState = (placed: Placed, saved: SavedState): TE.TaskEither<BackendError, PolicyState<Buffer>> =>
  putTree(placed)({
    params: saved.params,
    ema: nodeAt(saved.others, 'ema'),
    optimizer: nodeAt(saved.others, 'optimizer'),
  });

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
