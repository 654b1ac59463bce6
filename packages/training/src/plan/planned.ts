import type { OptimError } from '@torsor/optim';
import { donationByPath, type Plan, planProgram } from '@torsor/planning';
import { type ModelSettings, picturesOf } from '@torsor/policy';
import { batchSpec, checkSpec, type Mesh, paramSpec, parseMesh, portSpecs, type ShardingError } from '@torsor/sharding';
import { dtypes, type TensorType, tensorType } from '@torsor/tensor';
import { flatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainingError } from '../error.js';
import { policyObjective } from '../objective.js';
import { type PolicyRunSettings, policyModel, recipeParams, updateSettings } from '../policy-run.js';
import { firstProgram, type UpdateProgram, updateProgram } from '../update/program.js';
import { recipeOf } from '../update/recipe.js';

/** What a plan is of: a run, and the devices that it is shared by. */
export type PlanSettings = PolicyRunSettings & {
  /** Devices by axes, as `data=2,fsdp=4`; one where `null`. */
  readonly mesh: string | null;
};

/** Why there is no plan: the settings give no model or no program, or their mesh cannot share it equally. */
export type PlanError =
  | { readonly _tag: 'Training'; readonly error: TrainingError }
  | { readonly _tag: 'Sharding'; readonly error: ShardingError };

/** What a plan depends on besides the settings. */
export type PlanPlace = {
  /** Rows of the embedding table where the settings leave them to the tokenizer. */
  readonly vocabulary: number;
  /** What the transformer computes in; `null` as the settings say. */
  readonly compute: ModelSettings['computeDtype'] | null;
};

const oneDevice: Mesh = { axes: [{ name: 'data', size: 1 }] };

const training = (error: TrainingError): PlanError => ({ _tag: 'Training', error });

const sharding = (error: ShardingError): PlanError => ({ _tag: 'Sharding', error });

/** The mesh of settings: one device where they name none. */
const meshOf = ({ mesh }: PlanSettings): E.Either<PlanError, Mesh> =>
  mesh === null ? E.right(oneDevice) : E.mapLeft(sharding)(parseMesh(mesh));

/** Every device gets as many samples of every micro-batch. */
const checkBatch = (settings: PlanSettings, mesh: Mesh): E.Either<PlanError, unknown> => {
  const micro = settings.batchSize / settings.gradientAccumulation;
  const path = settings.gradientAccumulation === 1 ? 'batchSize' : 'batchSize / gradientAccumulation';
  return E.mapLeft(sharding)(checkSpec(mesh, path, tensorType('f32', [micro]), batchSpec(mesh)));
};

const checkParams = (settings: PlanSettings, mesh: Mesh, vocabulary: number): E.Either<PlanError, unknown> => {
  const specOf = paramSpec(mesh, { minBytes: settings.fsdpMinBytes });
  const made = policyModel(settings, vocabulary);
  if (E.isLeft(made)) return E.left(training(made.left));
  for (const { path, leaf } of flatten<TensorType>(made.right.paramTypes)) {
    const spec = checkSpec(mesh, path, leaf, specOf(path, leaf));
    if (E.isLeft(spec)) return E.left(sharding(spec.left));
  }
  return E.right(undefined);
};

/**
 * The mesh of settings, which can share its batches and its parameters equally.
 *
 * @param vocabulary - rows of the embedding table where the settings leave them to the tokenizer.
 * @errors `Sharding` for the batch, or the parameter, that it cannot, with the sizes that fit.
 */
export const sharingMesh = (settings: PlanSettings, vocabulary: number): E.Either<PlanError, Mesh> =>
  pipe(
    meshOf(settings),
    E.tap((mesh) => checkBatch(settings, mesh)),
    E.tap((mesh) => checkParams(settings, mesh, vocabulary)),
  );

/** Settings whose cameras are all given pictures, but those that they say are absent: no dataset is at hand. */
const withPictures = (settings: PlanSettings): PlanSettings => {
  const cameras = Object.fromEntries(settings.model.cameras.map((camera) => [camera, camera]));
  return { ...settings, data: { ...settings.data, cameras: { ...cameras, ...settings.data.cameras } } };
};

const updateOf = (asked: PlanSettings, { vocabulary, compute }: PlanPlace): E.Either<PlanError, UpdateProgram> => {
  const settings = withPictures(asked);
  const computed: ModelSettings = compute === null ? settings.model : { ...settings.model, computeDtype: compute };
  return pipe(
    E.Do,
    E.bind('model', () => policyModel({ ...settings, model: computed }, vocabulary)),
    E.bind('recipe', ({ model }) =>
      E.mapLeft((error: OptimError): TrainingError => ({ _tag: 'Optim', error }))(
        recipeOf(updateSettings(settings), recipeParams(model, computed), dtypes),
      ),
    ),
    E.flatMap(({ model, recipe }) => {
      const { actionDim } = model.sizes;
      const pictures = picturesOf(settings);
      const objective = policyObjective(model, { pictures, realDims: actionDim, batchSize: settings.batchSize });
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
 * What an update needs, from its program: nothing is allocated.
 *
 * @errors `Sharding` for a batch, or a parameter, that the mesh cannot share equally, with the sizes that fit.
 */
export const plannedUpdate = (settings: PlanSettings, place: PlanPlace): E.Either<PlanError, Plan> =>
  pipe(
    E.Do,
    E.bind('mesh', () => sharingMesh(settings, place.vocabulary)),
    E.let('minBytes', () => settings.fsdpMinBytes),
    E.bind('program', () => updateOf(settings, place)),
    E.bind('specs', ({ mesh, minBytes, program }) =>
      E.mapLeft(sharding)(portSpecs(mesh, program.inputs, { minBytes })),
    ),
    E.map(({ mesh, minBytes, program, specs }) =>
      planProgram({ program, mesh, specs, donated: donationByPath(program), minBytes }),
    ),
  );
