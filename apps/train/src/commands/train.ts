import type { Backend, Buffer } from '@torsor/backend';
import type { JsonObject } from '@torsor/checkpoint';
import { admitWeights, cheapWarnings } from '@torsor/doctor';
import { interval, type MetricLine } from '@torsor/metrics';
import { type ActionCodec, describeModel, familyOf, picturesOf, showPictures } from '@torsor/policy';
import type { TensorValue } from '@torsor/tensor';
import {
  beginRun,
  compileJudging,
  compileTraining,
  datasetIdentity,
  type Ended,
  evaluationLine,
  initKey,
  type LearnedState,
  learningRate,
  lossNumbers,
  normalizationOf,
  outcomeOf,
  type PolicyEvaluation,
  type PolicyRun,
  policyEvaluation,
  policyModel,
  policySource,
  type Recipe,
  type Run,
  type RunIdentity,
  resumeRun,
  runSequences,
  showOutcome,
  sourceOf,
  startingFrom,
  type TrainingError,
  type TrainState,
  trainRun,
} from '@torsor/training';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import type { TrainConfig } from '../config/schema.js';
import { type Failure, runFailure, scheduleFailure, trainingFailure } from '../failure.js';
import { type RunError, showRunError } from '../run/error.js';
import { prepareFolder } from '../run/folder.js';
import { type Interrupted, type Interrupts, watchInterrupts } from '../run/interrupt.js';
import { runPaths } from '../run/layout.js';
import { appendLog, appendMetrics, truncateMetrics } from '../run/metrics-file.js';
import { writeRunFiles } from '../run/run-files.js';
import type { Event } from '../terminal/event.js';
import { showNumbers } from '../terminal/format.js';
import { readerOf } from './dataset.js';
import { openDevices } from './devices.js';
import type { CommandEnv } from './environment.js';
import { type OpenedRun, openRun } from './open-run.js';
import { writeReport } from './report-file.js';

type TrainCommand = Extract<Command, { readonly _tag: 'Train' }>;

type Effect<A> = TE.TaskEither<Failure, A>;

type Trained = Ended<LearnedState<Buffer>>;

/** A run with everything open that it needs. */
type Running = OpenedRun & {
  readonly env: CommandEnv;
  readonly say: (message: string) => void;
  readonly backend: Backend;
  readonly policy: PolicyRun;
  /** `null` where nothing is held out. */
  readonly evaluation: PolicyEvaluation | null;
  readonly run: Run;
  readonly interrupts: Interrupts;
};

const ofTraining = <A>(task: TE.TaskEither<TrainingError, A>): Effect<A> => pipe(task, TE.mapLeft(trainingFailure));

const shownStorage = ({ frozen: { numbers, held } }: Recipe): string =>
  numbers === held ? held : `${held}, rounded to ${numbers}`;

const identityOf = ({ config, data }: OpenedRun, codec: ActionCodec | null, version: string): RunIdentity => ({
  config: JSON.parse(JSON.stringify(config)) as JsonObject,
  seed: config.seed,
  normalization: normalizationOf(data.stats, config.data.normMode),
  dataset: datasetIdentity(data.dataset, data.split),
  createdBy: `torsor ${version}`,
  fast: codec?.files ?? null,
});

/** Tells the user, and the run's log. */
const speaker =
  (env: CommandEnv, out: string) =>
  (message: string): void => {
    env.report({ _tag: 'Log', message });
    // The log repeats what was just told; where it cannot be written, the metrics cannot either, and that stops the run.
    appendLog(runPaths(out).log, env.now)(message);
  };

const makeFolder = (opened: OpenedRun, codec: ActionCodec | null): Effect<void> => {
  const { config, admission, data } = opened;
  return pipe(
    prepareFolder(config.out, admission),
    TE.flatMap(() =>
      admission === 'resume'
        ? TE.right(undefined)
        : writeRunFiles({ config, split: data.split, stats: data.stats, fast: codec?.files ?? null }),
    ),
    TE.mapLeft(runFailure),
  );
};

const describeData = ({ dataset, split, train, heldOut, paddedShare }: OpenedRun['data']): readonly string[] => {
  const held = heldOut === null ? '' : ` (${heldOut.count} frames): ${showNumbers(split.heldOut)}`;
  const used = split.train.length + split.heldOut.length;
  return [
    `${dataset.robotType ?? 'robot'}: ${split.train.length} training episodes (${train.count} frames), ${split.heldOut.length} held out${held}`,
    `${(100 * paddedShare).toFixed(1)} % of the actions in training windows lie beyond the end of their episode and repeat its last one`,
    ...(used === dataset.episodes.length
      ? []
      : [`${dataset.episodes.length - used} episodes were recorded since this run began: it does not use them`]),
  ];
};

const runOf = (
  opened: OpenedRun,
  parts: Pick<Running, 'policy' | 'evaluation' | 'interrupts'> & Pick<Run, 'programs' | 'identity'>,
  env: CommandEnv,
): E.Either<Failure, Run> => {
  const { config, data } = opened;
  const { policy, evaluation, interrupts, programs, identity } = parts;
  const { model, sequences } = policy;
  const source = sourceOf(
    data.train,
    data.stats,
    sequences.encode,
    picturesOf(config),
    policy.read,
    model.sizes,
    config,
  );
  const record = (line: MetricLine): E.Either<TrainingError, void> =>
    E.mapLeft((error: RunError): TrainingError => ({ _tag: 'NotRecorded', reason: showRunError(error) }))(
      appendMetrics(runPaths(config.out).metrics)(line),
    );
  return E.bimap(scheduleFailure, (schedule: Run['schedule']) => ({
    programs,
    source: policySource(source, model, config.batchSize),
    schedule,
    limits: config,
    evaluate: evaluation === null ? null : evaluationLine(evaluation),
    identity,
    retention: config,
    measures: interval,
    world: { ...env, interrupted: () => E.isLeft(interrupts.poll()), record },
  }))(learningRate(config.lrSchedule));
};

const listen = (env: CommandEnv, say: (message: string) => void): Interrupts =>
  watchInterrupts(
    env.signals,
    ({ signal }) => say(`${signal}: finishing this step, then saving a checkpoint (once more to stop at once)`),
    ({ signal }) => env.exit(signal === 'SIGINT' ? 130 : 143),
  );

const judging = (policy: PolicyRun, { train, heldOut }: OpenedRun['data']): Effect<PolicyEvaluation | null> =>
  heldOut === null
    ? TE.right(null)
    : pipe(
        compileJudging(policy),
        TE.flatMapEither((programs) => policyEvaluation(policy, programs, { train, heldOut })),
        ofTraining,
      );

const start = (opened: OpenedRun, command: TrainCommand, env: CommandEnv): Effect<Running> => {
  const { config, data } = opened;
  const say = speaker(env, config.out);
  return pipe(
    TE.Do,
    TE.bind('read', () => readerOf(config, data.train)),
    TE.bind('tokens', () =>
      ofTraining(runSequences(config, data, opened.admission === 'resume' ? runPaths(config.out).fast : null)),
    ),
    TE.bind('model', ({ tokens: { sequences } }) =>
      ofTraining(TE.fromEither(policyModel(config, sequences.tokenizer.vocabSize))),
    ),
    TE.tap(({ tokens: { sequences } }) => ofTraining(admitWeights(config, sequences.tokenizer.vocabSize))),
    TE.bind('devices', ({ tokens: { sequences } }) =>
      openDevices(config, command.memory, sequences.tokenizer.vocabSize, env),
    ),
    TE.tap(({ tokens: { codec } }) => makeFolder(opened, codec)),
    TE.tapIO(({ devices: { messages }, tokens: { codec, warnings } }) => () => {
      for (const note of [...describeData(data), ...opened.notes, ...messages]) say(note);
      if (codec !== null) say(`action tokenizer: FAST with ${codec.tokenizer.vocabSize} tokens`);
      const told = [...data.warnings, ...cheapWarnings(data.dataset, config), ...warnings];
      for (const message of told) env.report({ _tag: 'Warning', message });
    }),
    TE.let('backend', ({ devices: { backend } }) => backend),
    TE.let(
      'policy',
      ({ backend, model, read, tokens: { sequences } }): PolicyRun => ({
        backend,
        settings: config,
        model,
        sequences,
        realDims: data.dataset.actionNames.length,
        stats: data.stats,
        read,
      }),
    ),
    TE.bind('programs', ({ policy }) => ofTraining(compileTraining(policy))),
    TE.tapIO(({ programs: { recipe } }) => () => {
      if (recipe.trained !== null) say(`frozen parameters are kept in ${shownStorage(recipe)}`);
    }),
    TE.bind('evaluation', ({ policy }) => judging(policy, data)),
    TE.let('interrupts', () => listen(env, say)),
    TE.let('identity', ({ tokens: { codec } }) => identityOf(opened, codec, env.version)),
    TE.bind('run', (parts) => TE.fromEither(runOf(opened, parts, env))),
    TE.map((parts) => ({ ...opened, ...parts, env, say })),
  );
};

const initialParams = ({ config, policy, say }: Running): Effect<Tree<TensorValue>> => {
  const { init, seed } = config;
  const { initParams, paramTypes } = policy.model;
  if (init === null) return TE.right(initParams(initKey(seed)));
  return pipe(
    ofTraining(startingFrom(init, paramTypes, (only) => initParams(initKey(seed), { only }))),
    TE.map((started) => {
      say(`begins from ${init.from}${started.fresh === 0 ? '' : `; ${started.fresh} parameters begin anew`}`);
      return started.params;
    }),
  );
};

/** The newest checkpoint; lines of metrics after it are dropped, for they will be made again. */
const resume = ({ run, config, say }: Running): Effect<TrainState<LearnedState<Buffer>>> =>
  pipe(
    ofTraining(resumeRun(run)),
    TE.bindTo('resumed'),
    TE.bind('dropped', ({ resumed: { state } }) =>
      pipe(truncateMetrics(runPaths(config.out).metrics, state.host.step), TE.mapLeft(runFailure)),
    ),
    TE.map(({ resumed: { state, path, skipped }, dropped }) => {
      for (const reason of skipped) say(`passed over a damaged checkpoint: ${reason}`);
      say(`resumed from step ${state.host.step} (${path})`);
      if (dropped > 0) say(`dropped ${dropped} lines of metrics after it; they will be made again`);
      return state;
    }),
  );

const begin = (running: Running): Effect<TrainState<LearnedState<Buffer>>> =>
  running.admission === 'resume'
    ? resume(running)
    : pipe(
        initialParams(running),
        TE.flatMap((params) => ofTraining(beginRun(running.run, params))),
      );

const signalExit = { SIGINT: 'interrupted', SIGTERM: 'terminated' } as const;

const interruptedFailure = ({ config, env }: Running, { signal }: Interrupted, step: number): Failure => ({
  exit: signalExit[signal],
  messages: [
    `${signal}: stopped after step ${step}; its checkpoint is in ${runPaths(config.out).checkpoints}`,
    `continue with: ${env.typed('train', '--resume', '--out', config.out)}`,
  ],
});

const train = (running: Running): Effect<Trained> =>
  pipe(
    begin(running),
    TE.flatMap((first) => ofTraining(trainRun(running.run, first))),
    TE.flatMap((ended) => {
      const interrupted = running.interrupts.poll();
      return ended.ending === 'interrupted' && E.isLeft(interrupted)
        ? TE.left(interruptedFailure(running, interrupted.left, ended.host.step))
        : TE.right(ended);
    }),
  );

const picturesFact = (config: TrainConfig): readonly (readonly [string, string])[] => {
  const shown = showPictures(picturesOf(config));
  return shown === null ? [] : [['pictures', shown]];
};

const factsOf = (
  { config, data, backend, env }: Running,
  { ending, host }: Trained,
): readonly (readonly [string, string])[] => [
  ['preset', config.name],
  ['dataset', describeData(data)[0] ?? ''],
  ['updates', `${host.step} of ${config.steps}${ending === 'time' ? ` (${config.maxMinutes} minutes were up)` : ''}`],
  ['batch', `${config.batchSize} windows of ${config.model.actionHorizon} actions`],
  ['backend', `${backend.name}: ${backend.capabilities.description}`],
  ['model', describeModel(config.model, config)],
  ...familyOf(config.model).facts(config.model),
  ...picturesFact(config),
  ['normalization', config.data.normMode],
  ['seed', String(config.seed)],
  ['version', `torsor ${env.version}`],
];

const conclude = (running: Running, ended: Trained): Effect<Event> => {
  const { config, evaluation } = running;
  const { metrics, checkpoints } = runPaths(config.out);
  const places = [`metrics      ${metrics}`, `checkpoints  ${checkpoints}`];
  const { step } = ended.host;
  if (evaluation === null) {
    const text = [`trained ${step} updates; nothing was held out to evaluate on`, '', ...places].join('\n');
    return TE.right({ _tag: 'Result', text, data: { step, metrics, checkpoints } });
  }
  return pipe(
    TE.Do,
    TE.bind('outcome', () => ofTraining(outcomeOf(evaluation, ended.device, config.evalSamples))),
    TE.bind('report', ({ outcome }) => writeReport(config, evaluation, outcome, factsOf(running, ended))),
    TE.map(({ outcome, report }): Event => {
      const text = [
        showOutcome(evaluation, outcome),
        '',
        `report       ${report}   (open it in a browser)`,
        ...places,
      ].join('\n');
      const { methods } = outcome;
      const losses = lossNumbers(outcome);
      return { _tag: 'Result', text, data: { step, losses, methods, report, metrics, checkpoints } };
    }),
  );
};

/** `torsor train`: trains, evaluates and reports. */
export const runTrain = (command: TrainCommand, env: CommandEnv): Effect<Event> =>
  pipe(
    openRun(command),
    TE.flatMap((opened) => start(opened, command, env)),
    TE.flatMap((running) => {
      const { interrupts } = running;
      return pipe(
        train(running),
        TE.flatMap((ended) => conclude(running, ended)),
        TE.tapIO(() => interrupts.close),
        TE.tapError(() => TE.fromIO(interrupts.close)),
      );
    }),
  );
