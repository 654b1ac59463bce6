import type { DataPosition } from '@torsor/data';
import type { Interval, Measured, MetricLine } from '@torsor/metrics';
import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { advance, type NonFinite, takeLine } from './advance.js';
import type { HostState } from './host-state.js';
import { dueAfter, type Ending, endingAt, type Intervals, type Limits } from './intervals.js';
import { type Pace, type Progress, paceAfter, progressOf } from './progress.js';

/** A device's part of the training state after an update, and what the update measured. */
export type Updated<S> = {
  readonly state: S;
  readonly measured: Measured;
  readonly position: DataPosition;
  /** The samples of its batch, to name them where it goes wrong. */
  readonly samples: () => readonly string[];
};

/** What a run tells while it goes on. */
export type TrainingEvent =
  | (Progress & {
      readonly _tag: 'Progress';
      /** Whether a line of metrics follows. */
      readonly logged: boolean;
    })
  | { readonly _tag: 'Metrics'; readonly line: MetricLine };

/** What a training loop needs from the world. `S` is the device's part of the state: parameters, optimizer, averages. */
export type LoopEnv<S, Err> = {
  /** Seconds of a monotonic clock. */
  readonly clock: () => number;
  readonly interrupted: () => boolean;
  /** Lets signals and timers in. */
  readonly breathe: () => Promise<void>;
  readonly report: (event: TrainingEvent) => void;
  /** The metrics of the lines. */
  readonly measures: Interval;
  readonly record: (line: MetricLine) => E.Either<Err, void>;
  readonly update: (state: S, host: HostState) => TaskEither<Err, Updated<S>>;
  /** Held-out metrics of a state, `step` among them; `null` where nothing is held out. */
  readonly evaluate: ((state: S, step: number) => TaskEither<Err, MetricLine>) | null;
  /** Makes a checkpoint durable and removes those that are no longer kept. */
  readonly save: (state: S, host: HostState) => TaskEither<Err, void>;
};

/** A training state: the device's part and the host's. */
export type TrainState<S> = { readonly device: S; readonly host: HostState };

/** Where and why a run ended. */
export type Ended<S> = TrainState<S> & { readonly ending: Exclude<Ending, null> };

const record = <Err>(env: Pick<LoopEnv<unknown, Err>, 'report' | 'record'>, line: MetricLine): E.Either<Err, void> => {
  env.report({ _tag: 'Metrics', line });
  return env.record(line);
};

const logLine = <S, Err>(env: LoopEnv<S, Err>, host: HostState, due: boolean): E.Either<Err, HostState> => {
  if (!due) return E.right(host);
  const { line, host: begun } = takeLine(host, env.measures);
  const recorded = O.isSome(line) ? record(env, line.value) : E.right(undefined);
  return E.isLeft(recorded) ? recorded : E.right(begun);
};

const evaluateState = async <S, Err>(
  env: LoopEnv<S, Err>,
  { device, host }: TrainState<S>,
  due: boolean,
): Promise<E.Either<Err, void>> => {
  if (!due || env.evaluate === null) return E.right(undefined);
  const line = await env.evaluate(device, host.step)();
  return E.isLeft(line) ? line : record(env, line.right);
};

const saveState = async <S, Err>(
  env: LoopEnv<S, Err>,
  { device, host }: TrainState<S>,
  due: boolean,
): Promise<E.Either<Err, void>> => {
  if (!due) return E.right(undefined);
  const saved = await env.save(device, host)();
  return E.isLeft(saved) ? saved : record(env, { step: host.step, checkpoint_step: host.step });
};

// In this order, so that every line up to a checkpoint's step is in the file before the checkpoint exists.
const afterUpdate = async <S, Err>(
  env: LoopEnv<S, Err>,
  limits: Limits & Intervals,
  state: TrainState<S>,
  ending: Ending,
): Promise<E.Either<Err, TrainState<S>>> => {
  const due = dueAfter(state.host.step, limits, ending);
  const host = logLine(env, state.host, due.log);
  if (E.isLeft(host)) return host;
  const next = { device: state.device, host: host.right };
  const evaluated = await evaluateState(env, next, due.evaluate);
  if (E.isLeft(evaluated)) return evaluated;
  const saved = await saveState(env, next, due.save);
  return E.isLeft(saved) ? saved : E.right(next);
};

type Stepped<S> = { readonly state: TrainState<S>; readonly pace: Pace };

const makeUpdate = async <S, Err>(
  env: LoopEnv<S, Err>,
  { state, pace }: Stepped<S>,
): Promise<E.Either<Err | NonFinite, Stepped<S> & { readonly measured: Measured }>> => {
  const before = env.clock();
  const updated = await env.update(state.device, state.host)();
  if (E.isLeft(updated)) return updated;
  const { state: device, ...made } = updated.right;
  const seconds = env.clock() - before;
  const host = advance(state.host, { ...made, seconds }, env.measures);
  if (E.isLeft(host)) return host;
  return E.right({ state: { device, host: host.right }, pace: paceAfter(pace, seconds), measured: made.measured });
};

/**
 * Trains until the steps are done, the time is up, or an interrupt is asked for.
 *
 * @errors those of the environment, and `NonFinite`, after which nothing is saved.
 * @law interrupted after any update and continued from its checkpoint, a run makes the same updates and the same lines of
 * metrics (times and checkpoints aside) as one that was not.
 */
export const trainLoop =
  <S, Err>(
    env: LoopEnv<S, Err>,
    limits: Limits & Intervals,
    first: TrainState<S>,
  ): TaskEither<Err | NonFinite, Ended<S>> =>
  async () => {
    const began = env.clock();
    let stepped: Stepped<S> = { state: first, pace: { updates: 0, seconds: 0 } };
    let ending = endingAt({ step: first.host.step, elapsedSeconds: 0, interrupted: false }, limits);
    while (ending === null) {
      await env.breathe();
      const updated = await makeUpdate(env, stepped);
      if (E.isLeft(updated)) return updated;
      const { state, pace, measured } = updated.right;
      const situation = { step: state.host.step, elapsedSeconds: env.clock() - began, interrupted: env.interrupted() };
      ending = endingAt(situation, limits);
      const logged = dueAfter(state.host.step, limits, ending).log;
      env.report({ _tag: 'Progress', ...progressOf(pace, measured, situation, limits), logged });
      const after = await afterUpdate(env, limits, state, ending);
      if (E.isLeft(after)) return after;
      stepped = { state: after.right, pace };
    }
    return E.right({ ...stepped.state, ending });
  };
