import type { Backend, Buffer } from '@torsor/backend';
import { listCheckpoints } from '@torsor/checkpoint';
import { type Interval, interval, type Metric, type MetricLine, makeInterval } from '@torsor/metrics';
import { backendError, checkpointError, placementOn } from '@torsor/policy';
import type { Schedule } from '@torsor/schedules';
import type { TensorValue } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainingError } from './error.js';
import { type HeldOutSource, heldOutLine, heldOutLosses } from './evaluation/held-out-loss.js';
import { firstHostState } from './loop/host-state.js';
import type { Intervals, Limits } from './loop/intervals.js';
import { type Ended, type LoopEnv, type TrainState, trainLoop } from './loop/loop.js';
import type { Objective } from './objective.js';
import { type Resumed, type Retention, resumeState, saveState } from './saving/checkpoints.js';
import type { RunIdentity } from './saving/identity.js';
import { compileLoss, compileUpdate, type Effect, recipeOn, type UpdatePrograms } from './update/compile.js';
import { nothingFrozen } from './update/frozen.js';
import type { LearnedState } from './update/program.js';
import type { UpdateSettings } from './update/recipe.js';
import { firstState } from './update/state.js';
import { type DataSource, updater } from './update/updater.js';

/** What a run needs of the world around it. */
export type World = Pick<LoopEnv<never, TrainingError>, 'clock' | 'report'> &
  Partial<Pick<LoopEnv<never, TrainingError>, 'interrupted' | 'breathe' | 'record'>> & {
    /** Bytes this process holds; without it they are not measured. */
    readonly memory?: () => number;
  };

/** A run with everything that its loop needs. */
export type Run = {
  readonly programs: UpdatePrograms;
  readonly source: DataSource;
  readonly schedule: Schedule;
  readonly limits: Limits & Intervals;
  /** Held-out metrics of a state; `null` where nothing is held out. */
  readonly evaluate: ((state: LearnedState<Buffer>, step: number) => Effect<MetricLine>) | null;
  readonly identity: RunIdentity;
  readonly retention: Retention;
  readonly world: World;
  /** The metrics of its lines. */
  readonly measures: Interval;
};

/** The state of a run before its first update. */
export const beginRun = (
  { programs }: Pick<Run, 'programs'>,
  initial: Tree<TensorValue>,
): Effect<TrainState<LearnedState<Buffer>>> =>
  pipe(
    firstState(programs, initial),
    TE.bimap(backendError, (device) => ({ device, host: firstHostState })),
  );

/** The state of a run's newest whole checkpoint on the device, and what was noticed on the way to it. */
export const resumeRun = ({
  programs: { placement, recipe },
  identity,
  retention,
  measures,
}: Pick<Run, 'programs' | 'identity' | 'retention' | 'measures'>): Effect<Resumed> =>
  resumeState(placement, identity, retention.out, recipe.params, measures);

const loopEnv = (run: Run): LoopEnv<LearnedState<Buffer>, TrainingError> => {
  const { programs, source, schedule, world } = run;
  const { clock, memory } = world;
  return {
    interrupted: () => false,
    breathe: () => Promise.resolve(),
    record: () => E.right(undefined),
    ...world,
    measures: run.measures,
    update: updater({ programs, source, schedule, clock, ...(memory === undefined ? {} : { memory }) }),
    evaluate: run.evaluate,
    save: saveState(programs.placement, run.identity, run.retention, run.measures),
  };
};

/**
 * Trains from a state until the steps are done, the time is up, or an interrupt is asked for.
 *
 * @law that of `trainLoop`: interrupted and continued, a run ends in the state of one that was not.
 */
export const trainRun = (run: Run, first: TrainState<LearnedState<Buffer>>): Effect<Ended<LearnedState<Buffer>>> =>
  trainLoop(loopEnv(run), run.limits, first);

/** A training run of your own: any loss, any data, any metrics. */
export type TrainOptions = Omit<Run, 'programs' | 'evaluate' | 'measures' | 'identity'> & {
  readonly backend: Backend;
  readonly objective: Objective;
  /** Everything is trained, whole batches at a time and without averages, where nothing else is said. */
  readonly settings: Pick<UpdateSettings, 'optimizer'> & Partial<UpdateSettings>;
  /** First parameters, in float32; asked for only where there is no checkpoint to go on from. */
  readonly initParams: () => Tree<TensorValue>;
  /** Held-out samples; none: nothing is evaluated. */
  readonly heldOut: HeldOutSource;
  /** The metrics of its lines; `metrics` of `@torsor/metrics` when left out. */
  readonly metrics?: readonly Metric[];
  /** What its checkpoints say of it. */
  readonly identity?: Partial<RunIdentity>;
  /** Tensors smaller than this are whole on every device of a mesh. */
  readonly fsdpMinBytes?: number;
};

const wholeUpdates: Omit<UpdateSettings, 'optimizer'> = { ...nothingFrozen, emaDecay: null, gradientAccumulation: 1 };

/** A run whose checkpoints say nothing of where its data came from. */
const anonymous: RunIdentity = {
  config: {},
  seed: 0,
  normalization: { mode: 'none', statistics: {} },
  dataset: { id: 'unnamed', splitHash: 'unnamed' },
  createdBy: '@torsor/training',
  fast: null,
};

const measuresOf = (metrics: readonly Metric[] | undefined): Effect<Interval> =>
  metrics === undefined
    ? TE.right(interval)
    : pipe(
        TE.fromEither(makeInterval(metrics)),
        TE.mapLeft((error): TrainingError => ({ _tag: 'Metrics', error })),
      );

const hasCheckpoint = (out: string): Effect<boolean> =>
  pipe(
    listCheckpoints(out),
    TE.bimap(checkpointError, ({ checkpoints }) => checkpoints.length > 0),
  );

/**
 * Trains, and goes on from the newest checkpoint where the run's folder has one.
 *
 * @errors `Metrics`, `Optim`, `Program`, `Backend`, `Checkpoint`, `NonFinite`, and those of the data source.
 */
export const train = (options: TrainOptions): Effect<Ended<LearnedState<Buffer>>> => {
  const { backend, objective, heldOut, fsdpMinBytes = 0 } = options;
  const settings = { ...wholeUpdates, ...options.settings };
  const identity = { ...anonymous, ...options.identity };
  const placement = placementOn(backend, fsdpMinBytes);
  return pipe(
    TE.Do,
    TE.bind('measures', () => measuresOf(options.metrics)),
    TE.bind('recipe', () => recipeOn(backend, settings, objective)),
    TE.bind('programs', ({ recipe }) => compileUpdate(placement, recipe, objective)),
    TE.bind('loss', ({ recipe }) => compileLoss(placement, recipe, objective)),
    TE.let(
      'run',
      ({ measures, programs, loss }): Run => ({
        ...options,
        identity,
        programs,
        measures,
        evaluate:
          heldOut.length === 0
            ? null
            : (state, step) =>
                pipe(
                  heldOutLosses(loss, heldOut, state),
                  TE.map((losses) => heldOutLine(losses, step)),
                ),
      }),
    ),
    TE.bind('resumes', () => hasCheckpoint(options.retention.out)),
    TE.flatMap(({ run, resumes }) =>
      pipe(
        resumes
          ? pipe(
              resumeRun(run),
              TE.map(({ state }) => state),
            )
          : beginRun(run, options.initParams()),
        TE.flatMap((first) => trainRun(run, first)),
      ),
    ),
  );
};
