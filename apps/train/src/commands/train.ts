import type { Backend, Buffer } from '@torsor/backend';
import { showScheduleError } from '@torsor/schedules';
import type { TensorValue } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import type { TrainConfig } from '../config/schema.js';
import { backendFailure, type Failure, modelFailure, runFailure, sessionFailure } from '../failure.js';
import { prepareFolder } from '../run/folder.js';
import { type Interrupted, type Interrupts, watchInterrupts } from '../run/interrupt.js';
import { runPaths } from '../run/layout.js';
import { appendLog, appendMetrics } from '../run/metrics-file.js';
import { writeRunFiles } from '../run/run-files.js';
import type { Event } from '../terminal/event.js';
import { showNumbers } from '../terminal/format.js';
import type { ActionCodec } from '../train/action-codec.js';
import { resumeState, saveState } from '../train/checkpoints.js';
import { firstHostState } from '../train/host-state.js';
import { datasetId, normalizationOf, type RunIdentity, splitHash } from '../train/identity.js';
import { startingFrom } from '../train/initial.js';
import { learningRate } from '../train/learning-rate.js';
import { type Ended, type LoopEnv, type TrainState, trainLoop } from '../train/loop.js';
import { evaluationLine, type Judge, outcomeOf, showOutcome } from '../train/outcome.js';
import { picturesOf, showPictures } from '../train/pictures.js';
import { checkedPolicy, initPolicy, type Policy, policyOf } from '../train/policy.js';
import { checkSequences } from '../train/preflight.js';
import type { PolicyState } from '../train/programs.js';
import { firstState, openSession, type Session } from '../train/session.js';
import { type Sequences, sequencesOf, sourceOf } from '../train/sources.js';
import { initKey } from '../train/streams.js';
import { nonFiniteFailure, type Updater, updater } from '../train/updating.js';
import { openDevices } from './devices.js';
import type { CommandEnv } from './environment.js';
import { judgeOf } from './judge.js';
import { type OpenedRun, openRun } from './open-run.js';
import { writeReport } from './report-file.js';
import { actionCodec, textTokenizer } from './tokenizers.js';

type TrainCommand = Extract<Command, { readonly _tag: 'Train' }>;

type Effect<A> = TE.TaskEither<Failure, A>;

/** A run with everything open that its loop needs. */
type Running = OpenedRun & {
  readonly env: CommandEnv;
  readonly say: (message: string) => void;
  readonly backend: Backend;
  readonly policy: Policy;
  readonly sequences: Sequences;
  readonly session: Session;
  readonly judge: Judge;
  readonly identity: RunIdentity;
};

const identityOf = ({ config, data }: OpenedRun, codec: ActionCodec | null, version: string): RunIdentity => ({
  config,
  normalization: normalizationOf(data.stats, config.data.normMode),
  dataset: { id: datasetId(data.dataset), splitHash: splitHash(data.split) },
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

const describeData = ({ dataset, split, train, heldOut }: OpenedRun['data']): string =>
  `${dataset.robotType ?? 'robot'}: ${split.train.length} training episodes (${train.count} frames), ${split.heldOut.length} held out (${heldOut.count} frames): ${showNumbers(split.heldOut)}`;

const policyFor = ({ model }: TrainConfig, { tokenizer }: Sequences): E.Either<Failure, Policy> =>
  E.mapLeft(modelFailure)(checkedPolicy(policyOf(model, tokenizer.vocabSize)));

const start = (opened: OpenedRun, command: TrainCommand, env: CommandEnv): Effect<Running> => {
  const { config, data } = opened;
  const say = speaker(env, config.out);
  const realDims = data.dataset.actionNames.length;
  return pipe(
    TE.Do,
    TE.bind('text', () => textTokenizer(config)),
    TE.bind('codec', () => actionCodec(config, data, opened.admission === 'resume')),
    TE.bind('sequences', ({ text, codec }) => TE.fromEither(sequencesOf(config, text, codec))),
    TE.bind('policy', ({ sequences }) => TE.fromEither(policyFor(config, sequences))),
    TE.bind('warnings', ({ sequences }) => TE.fromEither(checkSequences(sequences, config, data))),
    TE.bind('devices', ({ sequences }) => openDevices(config, command.memory, sequences.tokenizer.vocabSize, env)),
    TE.tap(({ codec }) => makeFolder(opened, codec)),
    TE.tapIO(({ devices: { messages }, codec, warnings }) => () => {
      for (const note of [describeData(data), ...opened.notes]) say(note);
      for (const message of messages) say(message);
      if (codec !== null) say(`action tokenizer: FAST with ${codec.tokenizer.vocabSize} tokens`);
      for (const message of [...data.warnings, ...warnings]) env.report({ _tag: 'Warning', message });
    }),
    TE.let('backend', ({ devices: { backend } }) => backend),
    TE.bind('session', ({ backend, policy }) =>
      pipe(openSession(backend, config, policy, realDims), TE.mapLeft(sessionFailure)),
    ),
    TE.tapIO(({ session: { recipe } }) => () => {
      if (recipe.trained !== null) say(`frozen parameters are kept in ${recipe.frozenDtype}`);
    }),
    TE.bind('judge', ({ session, sequences }) => TE.fromEither(judgeOf(session, config, data, sequences))),
    TE.map((parts) => ({ ...opened, ...parts, env, say, identity: identityOf(opened, parts.codec, env.version) })),
  );
};

const initialParams = ({ config, policy, say }: Running): Effect<Tree<TensorValue>> => {
  const fresh = initPolicy(policy, initKey(config.seed));
  const { init } = config;
  if (init === null) return TE.right(fresh);
  return pipe(
    startingFrom(init, fresh),
    TE.map((started) => {
      say(`begins from ${init.from}${started.fresh === 0 ? '' : `; ${started.fresh} parameters begin anew`}`);
      return started.params;
    }),
  );
};

const begin = (run: Running): Effect<TrainState<PolicyState<Buffer>>> => {
  if (run.admission !== 'resume') {
    return pipe(
      initialParams(run),
      TE.flatMap((params) => pipe(firstState(run.session, run.config, params), TE.mapLeft(backendFailure))),
      TE.map((device) => ({ device, host: firstHostState })),
    );
  }
  return pipe(
    resumeState(run.session, run.identity, run.session.recipe.params),
    TE.tapIO(({ messages }) => () => {
      for (const message of messages) run.say(message);
    }),
    TE.map(({ device, host }) => ({ device, host })),
  );
};

const loopEnv = (run: Running, interrupts: Interrupts, { update }: Updater): LoopEnv<PolicyState<Buffer>, Failure> => ({
  clock: run.env.clock,
  interrupted: () => E.isLeft(interrupts.poll()),
  breathe: run.env.breathe,
  report: run.env.report,
  record: (line) => E.mapLeft(runFailure)(appendMetrics(runPaths(run.config.out).metrics)(line)),
  update,
  evaluate: evaluationLine(run.judge),
  save: saveState(run.session, run.identity),
});

const updaterOf = ({ session, config, data, sequences, env }: Running): E.Either<Failure, Updater> =>
  pipe(
    learningRate(config.lrSchedule),
    E.bimap(
      (error): Failure => ({ exit: 'usage', messages: [`lrSchedule: ${showScheduleError(error)}`] }),
      (schedule) =>
        updater({
          session,
          source: sourceOf(data.train, data.stats, sequences.encode, config),
          config,
          schedule,
          clock: env.clock,
          memory: env.memory,
        }),
    ),
  );

const signalExit = { SIGINT: 'interrupted', SIGTERM: 'terminated' } as const;

const interruptedFailure = (run: Running, { signal }: Interrupted, step: number): Failure => ({
  exit: signalExit[signal],
  messages: [
    `${signal}: stopped after step ${step}; its checkpoint is in ${runPaths(run.config.out).checkpoints}`,
    `continue with: ${run.env.typed('train', '--resume', '--out', run.config.out)}`,
  ],
});

const listen = ({ env, say }: Running): Interrupts =>
  watchInterrupts(
    env.signals,
    ({ signal }) => say(`${signal}: finishing this step, then saving a checkpoint (once more to stop at once)`),
    ({ signal }) => env.exit(signal === 'SIGINT' ? 130 : 143),
  );

const train = (run: Running, interrupts: Interrupts): Effect<Ended<PolicyState<Buffer>>> =>
  pipe(
    TE.Do,
    TE.bind('made', () => TE.fromEither(updaterOf(run))),
    TE.bind('first', () => begin(run)),
    TE.flatMap(({ made, first }) =>
      pipe(
        trainLoop(loopEnv(run, interrupts, made), run.config, first),
        TE.mapLeft((error): Failure => ('exit' in error ? error : nonFiniteFailure(error, made.lastBatch()))),
      ),
    ),
    TE.flatMap((ended) => {
      const interrupted = interrupts.poll();
      return ended.ending === 'interrupted' && E.isLeft(interrupted)
        ? TE.left(interruptedFailure(run, interrupted.left, ended.host.step))
        : TE.right(ended);
    }),
  );

const families = { pi0: 'π0', pi05: 'π0.5', 'pi0-fast': 'π0-FAST' } as const;

const loraNames = { textbook: 'LoRA as published', openpi: "LoRA with openpi's habits" } as const;

const describeModel = ({ model, freezeForLora }: TrainConfig): string => {
  const experts = 'actionExpert' in model ? [model.paligemma, model.actionExpert] : [model.paligemma];
  const cameras = model.cameras.length === 0 ? 'no cameras' : `cameras ${model.cameras.join(', ')}`;
  const lora = experts.some((expert) => expert.lora !== null)
    ? `, ${loraNames[model.lora]}${freezeForLora ? ', the rest of those experts frozen' : ''}`
    : '';
  return `${families[model.kind]}, ${model.paligemma.depth} layers, width ${experts.map(({ width }) => width).join(' and ')}, ${cameras}${lora}`;
};

const decodingFacts = ({ model }: TrainConfig): readonly (readonly [string, string])[] =>
  model.kind === 'pi0-fast' ? [['decoding', `${model.decoding}, at most ${model.maxDecodingSteps} tokens`]] : [];

const picturesFact = (config: TrainConfig): readonly (readonly [string, string])[] => {
  const shown = showPictures(picturesOf(config));
  return shown === null ? [] : [['pictures', shown]];
};

const factsOf = (
  { config, data, backend, env }: Running,
  { ending, host }: Ended<PolicyState<Buffer>>,
): readonly (readonly [string, string])[] => [
  ['preset', config.name],
  ['dataset', describeData(data)],
  ['updates', `${host.step} of ${config.steps}${ending === 'time' ? ` (${config.maxMinutes} minutes were up)` : ''}`],
  ['batch', `${config.batchSize} windows of ${config.model.actionHorizon} actions`],
  ['backend', `${backend.name}: ${backend.capabilities.description}`],
  ['model', describeModel(config)],
  ...decodingFacts(config),
  ...picturesFact(config),
  ['normalization', config.data.normMode],
  ['seed', String(config.seed)],
  ['version', `torsor ${env.version}`],
];

const conclude = (run: Running, ended: Ended<PolicyState<Buffer>>): Effect<Event> =>
  pipe(
    TE.Do,
    TE.bind('outcome', () => outcomeOf(run.judge, ended.device, run.config.evalSamples)),
    TE.bind('report', ({ outcome }) => writeReport(run.config, run.judge, outcome, factsOf(run, ended))),
    TE.map(({ outcome, report }): Event => {
      const { metrics, checkpoints } = runPaths(run.config.out);
      const text = [
        showOutcome(run.judge, outcome),
        '',
        `report       ${report}   (open it in a browser)`,
        `metrics      ${metrics}`,
        `checkpoints  ${checkpoints}`,
      ].join('\n');
      const { losses, methods } = outcome;
      return { _tag: 'Result', text, data: { step: ended.host.step, losses, methods, report, metrics, checkpoints } };
    }),
  );

/** `torsor train`: trains, evaluates and reports. */
export const runTrain = (command: TrainCommand, env: CommandEnv): Effect<Event> =>
  pipe(
    openRun(command),
    TE.flatMap((opened) => start(opened, command, env)),
    TE.flatMap((run) => {
      const interrupts = listen(run);
      return pipe(
        train(run, interrupts),
        TE.flatMap((ended) => conclude(run, ended)),
        TE.tapIO(() => interrupts.close),
        TE.tapError(() => TE.fromIO(interrupts.close)),
      );
    }),
  );
