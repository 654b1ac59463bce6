import type { Backend, Buffer } from '@torsor/backend';
import { applyTransforms, type DataDict, float32At, NdArray } from '@torsor/data';
import { foldIn, type Key } from '@torsor/random';
import type { TensorType } from '@torsor/tensor';
import type { TextTokenizer } from '@torsor/tokenizer';
import { leaves, map } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Effect } from './device/compile.js';
import { type Placement, placementOn } from './device/placement.js';
import { onDevice } from './device/run.js';
import { backendError, type PolicyError, transformError } from './error.js';
import { familyOf } from './families/families.js';
import type { PolicyModel } from './families/family.js';
import { frozenTableDtype } from './families/freeze.js';
import { readTextTokenizer } from './fs/tokenizers.js';
import { type ModelSpace, modelInputs } from './inputs/model-space.js';
import { type Pictures, picturesOf } from './inputs/pictures.js';
import { imagesOf, type RobotObservation, refusalOf } from './inputs/robot-observation.js';
import { sequenceTokens } from './inputs/sequences.js';
import type { SeenInputs } from './inputs/tensors.js';
import { type Sequences, sequencesOf } from './inputs/tokenizers.js';
import type { Sampler } from './sampling/sampler.js';
import { type Loaded, loadActing } from './saved/acting.js';

/** What a robot should do. */
export type RobotActions = {
  /** `f32[ah, n]` in the robot's units. */
  readonly actions: Float32Array;
  readonly horizon: number;
  /** Why the tokens that were written are no actions, which are then the normalized zeros openpi would execute; else `null`. */
  readonly failure: string | null;
};

/** A policy that is ready to act. */
export type ActingPolicy = {
  readonly model: PolicyModel;
  /** Optimizer updates behind its parameters. */
  readonly step: number;
  /** The cameras that every observation must have a picture of. */
  readonly cameras: readonly string[];
  readonly stateDim: number;
  readonly actionDim: number;
  /**
   * A chunk of actions for each of any number of robots, all in one run of a program that is compiled once for each number of
   * them.
   *
   * @param key - of the randomness: the same key and observations give the same actions. Another one for every call.
   * @errors `BadObservation`, which names the robot and the field.
   * @law the actions of a robot depend on its place, its observation and the key alone.
   */
  readonly act: (observations: readonly RobotObservation[], key: Key) => Effect<readonly RobotActions[]>;
  /** Gives the device's memory back. */
  readonly close: Effect<void>;
};

/** How a policy is opened. */
export type OpenPolicyOptions = {
  readonly backend: Backend;
  /** Folder of a checkpoint. */
  readonly path: string;
  /** The text tokenizer; read from where the checkpoint says when left out. */
  readonly tokenizer?: TextTokenizer;
  /** The parameters as trained instead of the averaged ones. */
  readonly live?: boolean;
};

type Ready = Loaded & {
  readonly placement: Placement;
  readonly model: PolicyModel;
  readonly sequences: Sequences;
  readonly pictures: Pictures;
  readonly space: ModelSpace;
  readonly cameras: readonly string[];
  readonly stateDim: number;
  readonly actionDim: number;
};

/** Observations as a model takes them, through the transforms that training's samples go through. */
const inputsOf = (
  { model, sequences, space, cameras, stateDim }: Ready,
  observations: readonly RobotObservation[],
): E.Either<PolicyError, SeenInputs> => {
  const { transform, tokenizers } = sequences.encodePrompt;
  const state = Float32Array.from(observations.flatMap((observation) => Array.from(observation.state)));
  const seen: DataDict = {
    state: new NdArray('float32', [observations.length, stateDim], state),
    prompt: observations.map(({ prompt }) => prompt),
  };
  return pipe(
    applyTransforms(modelInputs(space, [transform]), tokenizers)(seen),
    E.bindTo('made'),
    E.bind('normalized', ({ made }) => float32At(made, 'state')),
    E.bind('tokens', ({ made }) => sequenceTokens(made)),
    E.bimap(transformError, ({ normalized, tokens }) => ({
      state: normalized,
      ...tokens,
      images: imagesOf(observations, cameras, model.sizes.imageSize),
    })),
  );
};

const samplerFor = (ready: Ready, batchSize: number): Effect<Sampler> => {
  const { placement, model, sequences, pictures, space, settings, params } = ready;
  return model.sampler({
    placement,
    params: map<Buffer, TensorType>(params, ({ type }) => type),
    pictures,
    batchSize,
    numSamplingSteps: settings.numSamplingSteps,
    severalDraws: false,
    meaning: {
      space,
      tokenizers: sequences.codec === null ? null : { text: sequences.tokenizer, actions: sequences.codec.tokenizer },
    },
  });
};

const actingPolicy = (ready: Ready): ActingPolicy => {
  const { placement, model, params, step, cameras, stateDim, actionDim } = ready;
  const samplers = new Map<number, Sampler>();
  const sampler = (b: number): Effect<Sampler> => {
    const known = samplers.get(b);
    if (known !== undefined) return TE.right(known);
    return pipe(
      samplerFor(ready, b),
      TE.tapIO((made) => () => {
        samplers.set(b, made);
      }),
    );
  };
  const { actionHorizon } = model.sizes;
  return {
    model,
    step,
    cameras,
    stateDim,
    actionDim,
    act: (observations, key) => {
      const refusals = observations.map((observation, i) => refusalOf(observation, i, stateDim, cameras));
      const refused = refusals.find((error) => error !== null);
      if (refused !== undefined && refused !== null) return TE.left(refused);
      if (observations.length === 0) return TE.right([]);
      const state = Float32Array.from(observations.flatMap((observation) => Array.from(observation.state)));
      return pipe(
        TE.fromEither(inputsOf(ready, observations)),
        TE.bindTo('prompts'),
        TE.bind('sample', () => sampler(observations.length)),
        TE.flatMap(({ prompts, sample }) =>
          sample(params, {
            prompts,
            start: { state, stateDim, actionDim, actionHorizon },
            keys: observations.map((_, i) => foldIn(key, i)),
            draw: 0,
          }),
        ),
        TE.map(({ actions, decoded }) =>
          observations.map((_, i) => ({
            actions: actions.slice(i * actionHorizon * actionDim, (i + 1) * actionHorizon * actionDim),
            horizon: actionHorizon,
            failure: decoded?.[i]?.failure ?? null,
          })),
        ),
      );
    },
    close: pipe(placement.backend.release(leaves<Buffer>(params)), TE.mapLeft(backendError)),
  };
};

const ready = (placement: Placement, loaded: Loaded, tokenizer: TextTokenizer): E.Either<PolicyError, Ready> => {
  const { settings, stats, codec } = loaded;
  const { model: asked, data } = settings;
  return pipe(
    sequencesOf({ model: asked, data }, tokenizer, codec),
    E.map((sequences) => {
      const model = familyOf(asked).modelOf(asked, sequences.tokenizer.vocabSize, frozenTableDtype(settings));
      const pictures = picturesOf({ model: asked, data: { ...data, augment: false, jitter: 'full' } });
      const space = { ...data, stats, actionDim: model.sizes.actionDim };
      return {
        ...loaded,
        placement,
        model,
        sequences,
        pictures,
        space,
        cameras: Object.keys(pictures.features),
        stateDim: stats.state.mean.length,
        actionDim: stats.actions.mean.length,
      };
    }),
  );
};

/**
 * A checkpoint as a policy that acts: no dataset, no training program, any number of robots.
 *
 * @errors `Checkpoint` for one that is damaged, `BadSettings` for one that says of itself what this version does not read,
 * `NotReadable` and `Tokenizer` for its tokenizers, `Backend`.
 * @example
 * const policy = await openPolicy({ backend, path })();
 * // E.isRight(policy): await policy.right.act([{ state, prompt: 'pick up the bottle', pictures: {} }], key(0))()
 */
export const openPolicy = (options: OpenPolicyOptions): Effect<ActingPolicy> => {
  const placement = placementOn(options.backend, 0);
  return pipe(
    loadActing(placement, options.path, options.live ?? false),
    TE.flatMap((loaded) =>
      pipe(
        options.tokenizer === undefined
          ? readTextTokenizer(loaded.settings.data.tokenizer)
          : TE.right(options.tokenizer),
        TE.flatMapEither((text) => ready(placement, loaded, text)),
        // Whoever opens it has no hold of the parameters before it is a policy.
        TE.tapError(() => onDevice(placement.backend.release(leaves<Buffer>(loaded.params)))),
      ),
    ),
    TE.map(actingPolicy),
  );
};
