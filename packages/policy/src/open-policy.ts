import type { Backend, BackendError, Buffer } from '@torsor/backend';
import { type CheckpointError, type OpenCheckpoint, treeFromNames, withCheckpoint } from '@torsor/checkpoint';
import {
  applyTransforms,
  type DataDict,
  float32At,
  NdArray,
  type NormStats,
  parseNormStats,
  resizeBytesWithPad,
} from '@torsor/data';
import { foldIn, type Key } from '@torsor/random';
import type { TensorType } from '@torsor/tensor';
import type { TextTokenizer } from '@torsor/tokenizer';
import { flatten, isNode, leaves, map, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as z from 'zod';
import type { Effect } from './device/compile.js';
import { type Placement, placementOn } from './device/placement.js';
import { backendError, checkpointError, dataError, type PolicyError, tokenizerError, transformError } from './error.js';
import { familyOf, modelSchema } from './families/families.js';
import type { PolicyModel } from './families/family.js';
import { frozenTableDtype, frozenTableSettings } from './families/frozen-table.js';
import { readTextTokenizer } from './fs/tokenizers.js';
import { type ActionCodec, codecOf } from './inputs/action-codec.js';
import { type ModelSpace, modelInputs } from './inputs/model-space.js';
import { type Pictures, picturesOf } from './inputs/pictures.js';
import { sequenceTokens } from './inputs/sequences.js';
import type { SeenInputs } from './inputs/tensors.js';
import { actionTokensOf, type Sequences, sequencesOf } from './inputs/tokenizers.js';
import type { Sampler } from './sampling/sampler.js';
import { checkpointFiles, putTensors, savedFast } from './saved/tensors.js';

/** A picture as a camera gives it. */
export type Picture = {
  readonly height: number;
  readonly width: number;
  /** `u8[height, width, 3]` */
  readonly data: Uint8Array;
};

/** What a robot sees and is asked for. */
export type RobotObservation = {
  /** In the robot's units, as wide as the states that the policy was trained on. */
  readonly state: ArrayLike<number>;
  readonly prompt: string;
  /** By the cameras of the model that were given pictures in training; none for a policy without cameras. */
  readonly pictures: { readonly [camera: string]: Picture };
};

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

const mask = z.array(z.boolean()).nullable();

/** What acting needs of the configuration that a checkpoint keeps; the rest is training's. */
const settingsSchema = z.object({
  model: modelSchema,
  data: z.object({
    normMode: z.enum(['mean_std', 'quantile']),
    deltaActionMask: mask,
    cameras: z.record(z.string(), z.string().nullable()),
    tokenizer: z.string().nullable(),
    maxTruncatedShare: z.number(),
  }),
  numSamplingSteps: z.int().min(1),
  ...frozenTableSettings,
});

type Settings = z.output<typeof settingsSchema>;

const settingsOf = ({ path, manifest }: OpenCheckpoint): E.Either<PolicyError, Settings> => {
  const read = settingsSchema.safeParse(manifest.config);
  if (read.success) return E.right(read.data);
  const [issue] = read.error.issues;
  return E.left({
    _tag: 'BadSettings',
    path,
    field: issue?.path.join('.') ?? 'config',
    reason: issue?.message ?? 'of another form',
  });
};

const statsOf = ({ path, manifest }: OpenCheckpoint): E.Either<PolicyError, NormStats> =>
  pipe(
    parseNormStats(`${path}/manifest.json`, JSON.stringify({ norm_stats: manifest.normalisation.statistics })),
    E.mapLeft(dataError),
  );

const codecIn = (checkpoint: OpenCheckpoint, { model }: Settings): E.Either<PolicyError, ActionCodec | null> => {
  const tokens = actionTokensOf(model);
  if (tokens === null) return E.right(null);
  return pipe(
    savedFast(checkpoint),
    E.mapLeft(checkpointError),
    E.flatMap((files) => E.mapLeft(tokenizerError)(codecOf(files, tokens))),
  );
};

/** What a checkpoint says of its policy. */
type Described = {
  readonly settings: Settings;
  readonly stats: NormStats;
  readonly codec: ActionCodec | null;
  readonly step: number;
};

const described = (checkpoint: OpenCheckpoint): E.Either<PolicyError, Described> =>
  pipe(
    E.Do,
    E.bind('settings', () => settingsOf(checkpoint)),
    E.bind('stats', () => statsOf(checkpoint)),
    E.bind('codec', ({ settings }) => codecIn(checkpoint, settings)),
    E.map((read) => ({ ...read, step: checkpoint.manifest.step })),
  );

type OnDevice = { readonly _tag: 'OnDevice'; readonly error: BackendError };

/** The parameters that act: the averaged ones over those as trained, where there are any. */
const actingTensors = (
  { backend, specOf }: Placement,
  checkpoint: OpenCheckpoint,
  live: boolean,
): TE.TaskEither<CheckpointError | OnDevice, Tree<Buffer>> => {
  const put = (value: Parameters<Backend['put']>[0], path: string): TE.TaskEither<OnDevice, Buffer> =>
    pipe(
      backend.put(value, specOf(path, value.type)),
      TE.mapLeft((error): OnDevice => ({ _tag: 'OnDevice', error })),
    );
  const averages = [...(checkpoint.sources.get(checkpointFiles.others)?.tensors.keys() ?? [])].flatMap((name) =>
    name.startsWith('ema/') ? [name.slice('ema/'.length)] : [],
  );
  const averaged = new Set(live ? [] : averages);
  const { params, others } = checkpointFiles;
  return pipe(
    TE.Do,
    TE.bind('trained', () => putTensors(put, checkpoint, params, 'params/', (name) => !averaged.has(name))),
    TE.bind('ema', () =>
      averaged.size === 0
        ? TE.right<CheckpointError | OnDevice, Tree<Buffer>>({})
        : putTensors(put, checkpoint, others, '', (name) => name.startsWith('ema/')),
    ),
    TE.flatMapEither(({ trained, ema }) => {
      const below = isNode(ema) ? ema['ema'] : undefined;
      const all = [...flatten(trained), ...(below === undefined ? [] : flatten(below))];
      return treeFromNames(new Map(all.map(({ path, leaf }) => [path, leaf])));
    }),
  );
};

type Loaded = Described & { readonly params: Tree<Buffer> };

const load = (placement: Placement, { path, live = false }: OpenPolicyOptions): Effect<Loaded> =>
  pipe(
    withCheckpoint(path)((checkpoint) =>
      pipe(
        TE.fromEither(described(checkpoint)),
        TE.mapLeft((error) => ({ _tag: 'Refused' as const, error })),
        TE.bindTo('said'),
        TE.bindW('params', () => actingTensors(placement, checkpoint, live)),
        TE.map(({ said, params }): Loaded => ({ ...said, params })),
      ),
    ),
    TE.mapLeft((error): PolicyError => {
      if (error._tag === 'Refused') return error.error;
      return error._tag === 'OnDevice' ? backendError(error.error) : checkpointError(error);
    }),
  );

const bad = (robot: number, field: string, expected: string, found: string): PolicyError => ({
  _tag: 'BadObservation',
  robot,
  field,
  expected,
  found,
});

/** What keeps an observation from being acted on; `null` when nothing does. */
const refusalOf = (
  { state, pictures }: RobotObservation,
  robot: number,
  stateDim: number,
  cameras: readonly string[],
): PolicyError | null => {
  if (state.length !== stateDim) return bad(robot, 'state', `${stateDim} numbers`, `${state.length}`);
  const at = Array.from(state).findIndex((x) => !Number.isFinite(x));
  if (at >= 0) return bad(robot, `state[${at}]`, 'a finite number', String(state[at]));
  const extra = Object.keys(pictures).find((name) => !cameras.includes(name));
  if (extra !== undefined) {
    return bad(
      robot,
      `pictures.${extra}`,
      `of the cameras ${cameras.join(', ') || '(none)'}`,
      'of no camera of the policy',
    );
  }
  for (const camera of cameras) {
    const picture = pictures[camera];
    if (picture === undefined) return bad(robot, `pictures.${camera}`, 'a picture', 'missing');
    const { height, width, data } = picture;
    if (data.length !== height * width * 3) {
      return bad(robot, `pictures.${camera}`, `${height}·${width}·3 bytes`, `${data.length} bytes`);
    }
  }
  return null;
};

const imagesOf = (
  observations: readonly RobotObservation[],
  cameras: readonly string[],
  size: PolicyModel['sizes']['imageSize'],
): SeenInputs['images'] =>
  Object.fromEntries(
    cameras.map((camera) => {
      const bytes = new Uint8Array(observations.length * size[0] * size[1] * 3);
      for (const [i, { pictures }] of observations.entries()) {
        const { data = new Uint8Array(0), height = 0, width = 0 } = pictures[camera] ?? {};
        bytes.set(resizeBytesWithPad(data, [height, width], size), i * size[0] * size[1] * 3);
      }
      return [camera, bytes];
    }),
  );

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
    load(placement, options),
    TE.bindTo('loaded'),
    TE.bind('text', ({ loaded: { settings } }) =>
      options.tokenizer === undefined ? readTextTokenizer(settings.data.tokenizer) : TE.right(options.tokenizer),
    ),
    TE.flatMapEither(({ loaded, text }) => ready(placement, loaded, text)),
    TE.map(actingPolicy),
  );
};
