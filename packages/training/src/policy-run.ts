import type { Backend } from '@torsor/backend';
import type { NormStats, PictureReader } from '@torsor/data';
import {
  type CommonSettings,
  type FreezeSettings,
  familyOf,
  frozenTableDtype,
  type ModelSettings,
  type PictureSettings,
  type Pictures,
  type PolicyModel,
  picturesOf,
  placementOn,
  type Sampler,
  type Sequences,
} from '@torsor/policy';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { evaluationRows, modelSpaceOf, type SpaceSettings, sourceOf } from './batches/batches.js';
import type { JudgedData } from './dataset/judged-data.js';
import type { TrainingError } from './error.js';
import type { PolicyEvaluation } from './evaluation/outcome.js';
import { trainingMeanChunk } from './evaluation/scoring.js';
import { type Objective, policyObjective } from './objective.js';
import {
  compileLoss,
  compileUpdate,
  type Effect,
  type LossPrograms,
  recipeOn,
  type UpdatePrograms,
} from './update/compile.js';
import { type OptimizerSettings, optimizerOf } from './update/optimizer.js';
import type { Recipe, RecipeParams, UpdateSettings } from './update/recipe.js';

/** What training and judging a policy depend on, as a configuration states it. */
export type PolicyRunSettings = FreezeSettings &
  PictureSettings & {
    readonly model: ModelSettings;
    readonly data: PictureSettings['data'] &
      SpaceSettings & {
        readonly units: string | readonly string[] | null;
      };
    readonly seed: number;
    readonly batchSize: number;
    readonly optimizer: OptimizerSettings;
    readonly emaDecay: number | null;
    readonly gradientAccumulation: number;
    readonly fsdpMinBytes: number;
    /** Euler steps from noise to actions. */
    readonly numSamplingSteps: number;
    /** Held-out windows evaluated; `null`: all. */
    readonly evalWindows: number | null;
    /** Action chunks sampled per observation. */
    readonly evalSamples: number;
  };

/**
 * The model of settings, which can be built.
 *
 * @param vocabulary - rows of the embedding table where the settings leave them to the tokenizer.
 * @errors `Model`: adapters wider than their weights, pictures that patches do not fill.
 */
export const policyModel = (
  settings: FreezeSettings & { readonly model: ModelSettings },
  vocabulary: number,
): E.Either<TrainingError, PolicyModel> => {
  const { model } = settings;
  const made = familyOf(model).modelOf(model, vocabulary, frozenTableDtype(settings));
  return made.errors.length === 0 ? E.right(made) : E.left({ _tag: 'Model', errors: made.errors });
};

/** What an update does besides the loss. */
export const updateSettings = (settings: PolicyRunSettings): UpdateSettings => ({
  ...settings,
  optimizer: optimizerOf(settings.optimizer),
});

/** The parameters of a policy, as a recipe is about them. */
export const recipeParams = (
  { paramTypes, freezeFilter }: PolicyModel,
  { lora }: Pick<CommonSettings, 'lora'>,
): RecipeParams => ({ paramTypes, freezeFilter, openpiHabits: lora === 'openpi' });

/** A policy, and what its programs are compiled for. */
export type PolicyRun = {
  readonly backend: Backend;
  readonly settings: PolicyRunSettings;
  readonly model: PolicyModel;
  readonly sequences: Sequences;
  /** Action dimensions of the dataset; the others are padding. */
  readonly realDims: number;
  readonly stats: NormStats;
  /** Reads what its cameras saw. */
  readonly read: PictureReader;
};

/** The programs that judge a policy, compiled. */
export type JudgingPrograms = { readonly recipe: Recipe; readonly loss: LossPrograms; readonly sample: Sampler };

const objectiveOf = ({ settings, model, realDims }: PolicyRun, pictures: Pictures): Objective =>
  policyObjective(model, { pictures, realDims, batchSize: settings.batchSize });

const recipeFor = ({ backend, settings, model }: PolicyRun): Effect<Recipe> =>
  recipeOn(backend, updateSettings(settings), recipeParams(model, settings.model));

/** Compiles what judges a policy: its loss, and what samples actions. */
export const compileJudging = (run: PolicyRun): Effect<JudgingPrograms> => {
  const { backend, settings, model, sequences, stats } = run;
  const placement = placementOn(backend, settings.fsdpMinBytes);
  const pictures = picturesOf(settings);
  const { tokenizer: text, codec } = sequences;
  return pipe(
    TE.Do,
    TE.bind('recipe', () => recipeFor(run)),
    TE.bind('loss', ({ recipe }) => compileLoss(placement, recipe, objectiveOf(run, pictures))),
    TE.bind(
      'sample',
      ({ recipe: { params } }): Effect<Sampler> =>
        model.sampler({
          placement,
          params,
          pictures,
          batchSize: settings.batchSize,
          numSamplingSteps: settings.numSamplingSteps,
          severalDraws: settings.evalSamples > 1,
          meaning: {
            space: modelSpaceOf(stats, settings.data, model.sizes.actionDim),
            tokenizers: codec === null ? null : { text, actions: codec.tokenizer },
          },
        }),
    ),
  );
};

/** Compiles what trains a policy. */
export const compileTraining = (run: PolicyRun): Effect<UpdatePrograms> =>
  pipe(
    recipeFor(run),
    TE.flatMap((recipe) =>
      compileUpdate(
        placementOn(run.backend, run.settings.fsdpMinBytes),
        recipe,
        objectiveOf(run, picturesOf(run.settings)),
      ),
    ),
  );

/** What judges a policy on held-out windows. */
export const policyEvaluation = (
  { settings, model, sequences, stats, read }: PolicyRun,
  { loss, sample }: Pick<JudgingPrograms, 'loss' | 'sample'>,
  { train, heldOut }: Pick<JudgedData, 'train' | 'heldOut'>,
): E.Either<TrainingError, PolicyEvaluation> => {
  const chunk: E.Either<TrainingError, Float64Array | null> =
    train === null ? E.right(null) : trainingMeanChunk(train, model.sizes.actionHorizon);
  const source = sourceOf(heldOut, stats, sequences.heldOut.encode, picturesOf(settings), read, model.sizes, settings);
  return E.map((meanChunk: Float64Array | null) => ({
    programs: loss,
    sample,
    source,
    prompts: { ...source, encode: sequences.heldOut.encodePrompt },
    model,
    batchSize: settings.batchSize,
    rows: evaluationRows(heldOut.count, settings.evalWindows, settings.batchSize),
    meanChunk,
    units: settings.data.units,
  }))(chunk);
};
