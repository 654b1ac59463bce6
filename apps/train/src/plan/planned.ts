import type { OptimError } from '@torsor/optim';
import { donationByPath, type Plan, planProgram } from '@torsor/planning';
import { picturesOf } from '@torsor/policy';
import { batchSpec, checkSpec, type Mesh, paramSpec, parseMesh, portSpecs, type ShardingError } from '@torsor/sharding';
import { dtypes, type TensorType, tensorType } from '@torsor/tensor';
import {
  firstProgram,
  policyModel,
  policyObjective,
  recipeOf,
  recipeParams,
  type TrainingError,
  type UpdateProgram,
  updateProgram,
  updateSettings,
} from '@torsor/training';
import { flatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainConfig } from '../config/schema.js';

/** Why there is no plan: the configuration gives no model or no program, or its mesh cannot share it equally. */
export type PlanError =
  | { readonly _tag: 'Training'; readonly error: TrainingError }
  | { readonly _tag: 'Sharding'; readonly error: ShardingError };

/** What a plan depends on besides the configuration. */
export type PlanSetting = {
  /** Rows of the embedding table where the configuration leaves them to the tokenizer. */
  readonly vocabulary: number;
  /** What the transformer computes in; `null` as the configuration says. */
  readonly compute: TrainConfig['model']['computeDtype'] | null;
};

const oneDevice: Mesh = { axes: [{ name: 'data', size: 1 }] };

const training = (error: TrainingError): PlanError => ({ _tag: 'Training', error });

const sharding = (error: ShardingError): PlanError => ({ _tag: 'Sharding', error });

/** The mesh of a configuration: one device where it names none. */
const meshOf = ({ mesh }: TrainConfig): E.Either<PlanError, Mesh> =>
  mesh === null ? E.right(oneDevice) : E.mapLeft(sharding)(parseMesh(mesh));

/** Every device gets as many samples of every micro-batch. */
const checkBatch = (config: TrainConfig, mesh: Mesh): E.Either<PlanError, unknown> => {
  const micro = config.batchSize / config.gradientAccumulation;
  const path = config.gradientAccumulation === 1 ? 'batchSize' : 'batchSize / gradientAccumulation';
  return E.mapLeft(sharding)(checkSpec(mesh, path, tensorType('f32', [micro]), batchSpec(mesh)));
};

const checkParams = (config: TrainConfig, mesh: Mesh, vocabulary: number): E.Either<PlanError, unknown> => {
  const specOf = paramSpec(mesh, { minBytes: config.fsdpMinBytes });
  const made = policyModel(config, vocabulary);
  if (E.isLeft(made)) return E.left(training(made.left));
  for (const { path, leaf } of flatten<TensorType>(made.right.paramTypes)) {
    const spec = checkSpec(mesh, path, leaf, specOf(path, leaf));
    if (E.isLeft(spec)) return E.left(sharding(spec.left));
  }
  return E.right(undefined);
};

/**
 * The mesh of a configuration, which can share its batches and its parameters equally.
 *
 * @param vocabulary - rows of the embedding table where the configuration leaves them to the tokenizer.
 * @errors `Sharding` for the batch, or the parameter, that it cannot, with the sizes that fit.
 */
export const sharingMesh = (config: TrainConfig, vocabulary: number): E.Either<PlanError, Mesh> =>
  pipe(
    meshOf(config),
    E.tap((mesh) => checkBatch(config, mesh)),
    E.tap((mesh) => checkParams(config, mesh, vocabulary)),
  );

/** A configuration whose cameras are all given pictures, but those that it says are absent: no dataset is at hand. */
const withPictures = (config: TrainConfig): TrainConfig => {
  const cameras = Object.fromEntries(config.model.cameras.map((camera) => [camera, camera]));
  return { ...config, data: { ...config.data, cameras: { ...cameras, ...config.data.cameras } } };
};

const updateOf = (asked: TrainConfig, { vocabulary, compute }: PlanSetting): E.Either<PlanError, UpdateProgram> => {
  const config = withPictures(asked);
  const settings = compute === null ? config.model : { ...config.model, computeDtype: compute };
  return pipe(
    E.Do,
    E.bind('model', () => policyModel({ ...config, model: settings }, vocabulary)),
    E.bind('recipe', ({ model }) =>
      E.mapLeft((error: OptimError): TrainingError => ({ _tag: 'Optim', error }))(
        recipeOf(updateSettings(config), recipeParams(model, settings), dtypes),
      ),
    ),
    E.flatMap(({ model, recipe }) => {
      const { actionDim } = model.sizes;
      const pictures = picturesOf(config);
      const objective = policyObjective(model, { pictures, realDims: actionDim, batchSize: config.batchSize });
      return pipe(
        firstProgram(recipe),
        E.flatMap(({ signature }) => updateProgram(recipe, objective, signature.outputs.optimizer)),
        E.mapLeft((error): TrainingError => ({ _tag: 'Program', error })),
      );
    }),
    E.mapLeft(training),
  );
};

/**
 * What an update of a configuration needs, from its program: nothing is allocated.
 *
 * @errors `Sharding` for a batch, or a parameter, that the mesh cannot share equally, with the sizes that fit.
 */
export const plannedUpdate = (config: TrainConfig, setting: PlanSetting): E.Either<PlanError, Plan> =>
  pipe(
    E.Do,
    E.bind('mesh', () => sharingMesh(config, setting.vocabulary)),
    E.let('minBytes', () => config.fsdpMinBytes),
    E.bind('program', () => updateOf(config, setting)),
    E.bind('specs', ({ mesh, minBytes, program }) =>
      E.mapLeft(sharding)(portSpecs(mesh, program.inputs, { minBytes })),
    ),
    E.map(({ mesh, minBytes, program, specs }) =>
      planProgram({ program, mesh, specs, donated: donationByPath(program), minBytes }),
    ),
  );
