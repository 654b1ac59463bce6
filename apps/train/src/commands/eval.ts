import { type OpenCheckpoint, withCheckpoint } from '@torsor/checkpoint';
import { type NormStats, parseNormStats, samplesOf } from '@torsor/data';
import { type Mesh, parseMesh, type ShardingError, showShardingError } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import { decodeTrainConfig } from '../config/decode.js';
import type { TrainConfig } from '../config/schema.js';
import {
  checkpointFailure,
  configFailure,
  dataFailure,
  type Failure,
  sessionFailure,
  tokenizerFailure,
} from '../failure.js';
import type { Event } from '../terminal/event.js';
import { type ActionCodec, codecOf } from '../train/action-codec.js';
import { checkCameras } from '../train/cameras.js';
import { restoredState } from '../train/checkpoints.js';
import { datasetId, splitHash } from '../train/identity.js';
import { outcomeOf, showOutcome } from '../train/outcome.js';
import { policyOf } from '../train/policy.js';
import { savedFast } from '../train/saved-state.js';
import { openPolicy } from '../train/session.js';
import { sequencesOf } from '../train/sources.js';
import { splitOf } from '../train/training-data.js';
import { checkpointPath } from './checkpoint-path.js';
import { loadDataset } from './dataset.js';
import type { CommandEnv } from './environment.js';
import { type Judged, judgeOf, startBackend } from './judge.js';
import { textTokenizer } from './tokenizers.js';

type EvalCommand = Extract<Command, { readonly _tag: 'Eval' }>;

type Effect<A> = TE.TaskEither<Failure, A>;

/** A checkpoint as an evaluation needs it. */
type Opened = {
  readonly checkpoint: OpenCheckpoint;
  readonly config: TrainConfig;
  readonly stats: NormStats;
};

const configOf = ({ path, manifest }: OpenCheckpoint): E.Either<Failure, TrainConfig> =>
  pipe(decodeTrainConfig([{ origin: { _tag: 'File', path }, values: manifest.config }]), E.mapLeft(configFailure));

const statsOf = ({ path, manifest }: OpenCheckpoint): E.Either<Failure, NormStats> =>
  pipe(
    parseNormStats(`${path}/manifest.json`, JSON.stringify({ norm_stats: manifest.normalisation.statistics })),
    E.mapLeft(dataFailure),
  );

const opened = (checkpoint: OpenCheckpoint): E.Either<Failure, Opened> =>
  pipe(
    E.Do,
    E.bind('config', () => configOf(checkpoint)),
    E.bind('stats', () => statsOf(checkpoint)),
    E.map((read) => ({ checkpoint, ...read })),
  );

/** The held-out episodes of the checkpoint's own dataset; every episode of another, which training never saw. */
const judgedOf = (
  { config, stats, checkpoint }: Opened,
  dataset: Parameters<typeof datasetId>[0],
): E.Either<Failure, Judged & { readonly what: string }> => {
  const own = checkpoint.manifest.dataset;
  const split = splitOf(dataset, config);
  if (datasetId(dataset) === own.id && E.isRight(split) && splitHash(split.right) === own.splitHash) {
    return pipe(
      E.Do,
      E.bind('train', () => samplesOf(dataset, split.right.train)),
      E.bind('heldOut', () => samplesOf(dataset, split.right.heldOut)),
      E.bimap(dataFailure, (samples) => ({ ...samples, stats, what: 'the held-out episodes of its own dataset' })),
    );
  }
  return pipe(
    samplesOf(dataset),
    E.bimap(dataFailure, (heldOut) => ({
      train: null,
      heldOut,
      stats,
      what: 'all episodes of another dataset than it was trained on, normalized as in training',
    })),
  );
};

/** The tokenizer of action chunks that a checkpoint was trained with; `null` for a policy that has none. */
const codecIn = ({ checkpoint, config: { model } }: Opened): E.Either<Failure, ActionCodec | null> =>
  model.kind !== 'pi0-fast'
    ? E.right(null)
    : pipe(
        savedFast(checkpoint),
        E.mapLeft(checkpointFailure),
        E.flatMap((files) => E.mapLeft(tokenizerFailure)(codecOf(files, model))),
      );

const meshOf = ({ mesh }: EvalCommand): E.Either<Failure, Mesh | null> =>
  mesh === null
    ? E.right(null)
    : E.mapLeft(
        (error: ShardingError): Failure => ({ exit: 'usage', messages: [`--mesh: ${showShardingError(error)}`] }),
      )(parseMesh(mesh));

const evaluate = (judging: Opened, command: EvalCommand, env: CommandEnv): Effect<Event> => {
  const { checkpoint, config } = judging;
  const say = (message: string): void => env.report({ _tag: 'Log', message });
  return pipe(
    loadDataset(command.data === null ? config : { ...config, data: { ...config.data, dir: command.data } }),
    TE.bindTo('dataset'),
    TE.tap(({ dataset }) => TE.fromEither(E.mapLeft(dataFailure)(checkCameras(dataset, config)))),
    TE.bind('judged', ({ dataset }) => TE.fromEither(judgedOf(judging, dataset))),
    TE.bind('text', () => textTokenizer(config)),
    TE.bind('codec', () => TE.fromEither(codecIn(judging))),
    TE.bind('sequences', ({ text, codec }) => TE.fromEither(sequencesOf(config, text, codec))),
    TE.tapIO(
      ({ judged }) =>
        () =>
          say(`${checkpoint.path}: evaluated on ${judged.what}`),
    ),
    TE.bind('mesh', () => TE.fromEither(meshOf(command))),
    TE.bind('backend', ({ mesh }) => startBackend(command.backend ?? config.backend, mesh, env, say)),
    TE.bind('programs', ({ backend, sequences, dataset }) => {
      const policy = policyOf(config.model, sequences.tokenizer.vocabSize);
      return pipe(openPolicy(backend, config, policy, dataset.actionNames.length), TE.mapLeft(sessionFailure));
    }),
    TE.bind('judge', ({ programs, judged, sequences }) => TE.fromEither(judgeOf(programs, config, judged, sequences))),
    TE.bind('restored', ({ programs }) => restoredState(programs, checkpoint)),
    TE.bind('outcome', ({ judge, restored }) => outcomeOf(judge, restored.device, config.evalSamples)),
    TE.map(({ judge, outcome }): Event => {
      const { losses, methods } = outcome;
      const { step } = checkpoint.manifest;
      return {
        _tag: 'Result',
        text: showOutcome(judge, outcome),
        data: { checkpoint: checkpoint.path, step, losses, methods },
      };
    }),
  );
};

/** `torsor eval`: how good a checkpoint is, on the episodes its training held out or on another dataset. */
export const runEval = (command: EvalCommand, env: CommandEnv): Effect<Event> =>
  pipe(
    checkpointPath(command.checkpoint),
    TE.flatMap((path) =>
      pipe(
        // What the evaluation refuses stays apart from what the checkpoint is refused for.
        withCheckpoint(path)((checkpoint) =>
          TE.fromTask(
            pipe(
              TE.fromEither(opened(checkpoint)),
              TE.flatMap((judging) => evaluate(judging, command, env)),
            ),
          ),
        ),
        TE.mapLeft(checkpointFailure),
        TE.flatMapEither((event) => event),
      ),
    ),
  );
