import { type OpenCheckpoint, withCheckpoint } from '@torsor/checkpoint';
import type { NormStats } from '@torsor/data';
import { interval } from '@torsor/metrics';
import { readTextTokenizer, savedCodec, savedStats, sequencesOf } from '@torsor/policy';
import { type Mesh, parseMesh, type ShardingError, showShardingError } from '@torsor/sharding';
import {
  checkCameras,
  compileJudging,
  type JudgedData,
  judgedData,
  lossNumbers,
  outcomeOf,
  type PolicyRun,
  policyEvaluation,
  policyModel,
  restoredState,
  showOutcome,
  type TrainingError,
} from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import { decodeTrainConfig } from '../config/decode.js';
import type { TrainConfig } from '../config/schema.js';
import { checkpointFailure, configFailure, type Failure, trainingFailure } from '../failure.js';
import type { Event } from '../terminal/event.js';
import { checkpointPath } from './checkpoint-path.js';
import { loadDataset, readerOf } from './dataset.js';
import type { CommandEnv } from './environment.js';
import { startBackend } from './start-backend.js';

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

const opened = (checkpoint: OpenCheckpoint): E.Either<Failure, Opened> =>
  pipe(
    E.Do,
    E.bind('config', () => configOf(checkpoint)),
    E.bind('stats', () => E.mapLeft(trainingFailure)(savedStats(checkpoint))),
    E.map((read) => ({ checkpoint, ...read })),
  );

const judgedOn = ({ train, heldOut, unseen }: JudgedData): string => {
  const episodes = `${heldOut.episodes.length} episodes`;
  if (unseen === 'unknown')
    return `all ${episodes} of another dataset than it was trained on, normalized as in training; whether training saw them is not known`;
  return train === null
    ? `${episodes} of another dataset, which training never saw, normalized as in training`
    : `${episodes} of its own dataset, which training never saw`;
};

const meshOf = ({ mesh }: EvalCommand): E.Either<Failure, Mesh | null> =>
  mesh === null
    ? E.right(null)
    : E.mapLeft(
        (error: ShardingError): Failure => ({ exit: 'usage', messages: [`--mesh: ${showShardingError(error)}`] }),
      )(parseMesh(mesh));

const ofTraining = <A>(task: TE.TaskEither<TrainingError, A>): Effect<A> => pipe(task, TE.mapLeft(trainingFailure));

const judge = ({ checkpoint, config }: Opened, run: PolicyRun, judged: JudgedData): Effect<Event> =>
  pipe(
    ofTraining(compileJudging(run)),
    TE.bindTo('judging'),
    TE.bind('evaluation', ({ judging }) => ofTraining(TE.fromEither(policyEvaluation(run, judging, judged)))),
    TE.bind('state', ({ judging }) => ofTraining(restoredState(judging.loss.placement, checkpoint, interval))),
    TE.bind('outcome', ({ evaluation, state }) => ofTraining(outcomeOf(evaluation, state.device, config.evalSamples))),
    TE.map(({ evaluation, outcome }): Event => {
      const { step } = checkpoint.manifest;
      const data = { checkpoint: checkpoint.path, step, losses: lossNumbers(outcome), methods: outcome.methods };
      return { _tag: 'Result', text: showOutcome(evaluation, outcome), data };
    }),
  );

const evaluate = (judging: Opened, command: EvalCommand, env: CommandEnv): Effect<Event> => {
  const { checkpoint, config, stats } = judging;
  const say = (message: string): void => env.report({ _tag: 'Log', message });
  return pipe(
    loadDataset(command.data === null ? config : { ...config, data: { ...config.data, dir: command.data } }),
    TE.bindTo('dataset'),
    TE.tap(({ dataset }) => ofTraining(TE.fromEither(checkCameras(dataset, config)))),
    TE.bind('judged', ({ dataset }) =>
      ofTraining(TE.fromEither(judgedData(dataset, checkpoint.manifest.dataset, config))),
    ),
    TE.bind('read', ({ judged }) => readerOf(config, judged.heldOut)),
    TE.bind('text', () => ofTraining(readTextTokenizer(config.data.tokenizer))),
    TE.bind('codec', () => ofTraining(TE.fromEither(savedCodec(checkpoint, config.model)))),
    TE.bind('sequences', ({ text, codec }) => ofTraining(TE.fromEither(sequencesOf(config, text, codec)))),
    TE.bind('model', ({ sequences }) => ofTraining(TE.fromEither(policyModel(config, sequences.tokenizer.vocabSize)))),
    TE.tapIO(
      ({ judged }) =>
        () =>
          say(`${checkpoint.path}: evaluated on ${judgedOn(judged)}`),
    ),
    TE.bind('mesh', () => TE.fromEither(meshOf(command))),
    TE.bind('backend', ({ mesh }) => startBackend(command.backend ?? config.backend, mesh, env, say)),
    TE.flatMap(({ backend, model, sequences, dataset, judged, read }) =>
      judge(
        judging,
        { backend, settings: config, model, sequences, realDims: dataset.actionNames.length, stats, read },
        judged,
      ),
    ),
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
