import type { Backend, BackendError, Buffer } from '@torsor/backend';
import type { DType, TensorType, TensorValue } from '@torsor/tensor';
import { leaves, type Tree } from '@torsor/tree';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { compiled, type ExecutableOf, type Opening, type SessionError } from './compiled.js';
import { type Placed, placedOn } from './placed.js';
import type { Policy } from './policy.js';
import {
  type FirstProgram,
  firstProgram,
  type LossProgram,
  lossProgram,
  type PolicyState,
  type Recipe,
  recipeOf,
  trainedPart,
  type UpdateProgram,
  updateProgram,
} from './programs.js';
import { openSampler, type Sampler } from './sampling/sampler.js';
import { kept } from './trained.js';
import { putTree } from './transfer.js';

/** The programs that evaluate a policy, compiled. */
export type PolicyPrograms = Placed & {
  readonly batchSize: number;
  readonly loss: ExecutableOf<LossProgram>;
  readonly sampler: Sampler;
};

/** The programs that train a policy, compiled. */
export type TrainingPrograms = Placed & {
  readonly update: ExecutableOf<UpdateProgram>;
  readonly recipe: Recipe;
  /** How the optimizer's state begins. */
  readonly first: ExecutableOf<FirstProgram>;
};

/** The programs of a training run, compiled. */
export type Session = PolicyPrograms & TrainingPrograms;

const missingDType = ({ capabilities }: Backend, { params }: Recipe): DType | undefined =>
  leaves<TensorType>(params)
    .map(({ dtype }) => dtype)
    .find((dtype) => !capabilities.dtypes.includes(dtype));

const recipe = (backend: Backend, config: TrainConfig, policy: Policy, realDims: number): Opening<Recipe> =>
  pipe(
    TE.fromEither(recipeOf(config, policy, realDims, backend.capabilities.dtypes)),
    TE.mapLeft((error): SessionError => ({ _tag: 'Optim', error })),
    TE.flatMap((made) => {
      const dtype = missingDType(backend, made);
      return dtype === undefined
        ? TE.right(made)
        : TE.left<SessionError>({ _tag: 'NoDType', backend: backend.name, dtype });
    }),
  );

/**
 * Compiles what evaluates a policy.
 *
 * @param realDims - action dimensions of the dataset.
 */
export const openPolicy = (
  backend: Backend,
  config: TrainConfig,
  policy: Policy,
  realDims: number,
): Opening<PolicyPrograms> => {
  const placed = placedOn(backend, config.fsdpMinBytes);
  const { batchSize } = config;
  return pipe(
    TE.Do,
    TE.bind('made', () => recipe(backend, config, policy, realDims)),
    TE.bind('loss', ({ made }) => compiled(placed, lossProgram(made, policy, batchSize))),
    TE.bind('sampler', ({ made }) => openSampler(placed, config, policy, made)),
    TE.map(({ loss, sampler }) => ({ ...placed, loss, sampler, batchSize })),
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
  policy: Policy,
  realDims: number,
): Opening<TrainingPrograms> => {
  const placed = placedOn(backend, config.fsdpMinBytes);
  return pipe(
    TE.Do,
    TE.bind('made', () => recipe(backend, config, policy, realDims)),
    TE.bind('first', ({ made }) => compiled(placed, firstProgram(made))),
    TE.bind('update', ({ made, first }) => {
      const { optimizer } = first.program.signature.outputs;
      return compiled(placed, updateProgram(made, policy, optimizer, config.batchSize));
    }),
    TE.map(({ made, first, update }) => ({ ...placed, recipe: made, first, update })),
  );
};

/** Compiles everything a training run does. */
export const openSession = (
  backend: Backend,
  config: TrainConfig,
  policy: Policy,
  realDims: number,
): Opening<Session> =>
  pipe(
    TE.Do,
    TE.bind('training', () => openTraining(backend, config, policy, realDims)),
    TE.bind('policy', () => openPolicy(backend, config, policy, realDims)),
    TE.map((programs) => ({ ...programs.training, ...programs.policy })),
  );

/**
 * First parameters and the optimizer's first state on the device; averages begin as the parameters.
 *
 * @param initial - the parameters, all in float32: see `initPolicy`.
 */
export const firstState = (
  { backend, specOf, first, recipe: made }: TrainingPrograms,
  config: TrainConfig,
  initial: Tree<TensorValue>,
): TE.TaskEither<BackendError, PolicyState<Buffer>> => {
  const put = putTree({ backend, specOf });
  const params = kept(made.trained, made.frozenDtype, initial);
  return pipe(
    TE.Do,
    TE.bind('trained', () => put({ params })),
    TE.bind('averaged', () => put({ ema: config.emaDecay === null ? {} : trainedPart(made, params) })),
    TE.bind('began', () => backend.run(first, {})),
    TE.map(({ trained, averaged, began }) => ({ ...trained, ...averaged, ...began })),
  );
};
