import type { Buffer } from '@torsor/backend';
import type { DataPosition } from '@torsor/data';
import { backendError } from '@torsor/policy';
import type { Schedule } from '@torsor/schedules';
import { TensorValue, tensorType } from '@torsor/tensor';
import type { TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainingError } from '../error.js';
import type { HostState } from '../loop/host-state.js';
import type { LoopEnv } from '../loop/loop.js';
import type { Effect, UpdatePrograms } from './compile.js';
import type { LearnedState } from './program.js';
import { stepOnDevice } from './step.js';

/** The batch of an update. */
export type TrainingBatch = {
  /** Of the types that the objective says. */
  readonly inputs: TreeNode<TensorValue>;
  /** Samples in it. */
  readonly size: number;
  /** Where reading goes on after it. */
  readonly position: DataPosition;
  /** What its samples are called, to name them where an update goes wrong. */
  readonly samples: () => readonly string[];
};

/** How far a run is in its data: updates made, and where reading goes on. */
export type DataPlace = Pick<HostState, 'step' | 'position'>;

/**
 * Where batches come from.
 *
 * @law a function of the step and the position alone: a resumed run draws what it would have drawn.
 */
export type DataSource = (at: DataPlace) => Effect<TrainingBatch>;

const isSame = (a: DataPlace, b: DataPlace): boolean =>
  a.step === b.step && a.position.epoch === b.position.epoch && a.position.offset === b.position.offset;

/** A batch, and the seconds that an update waited for it or this thread was busy with it. */
export type FetchedBatch = { readonly batch: TrainingBatch; readonly seconds: number };

type Ahead = {
  readonly at: DataPlace;
  readonly busy: number;
  readonly batch: Promise<E.Either<TrainingError, TrainingBatch>>;
};

/**
 * Fetches batches, of which the next one is made while the last one is used.
 *
 * @law gives what the source gives, in whatever order it is asked; a batch that nobody asks for stops nothing.
 */
export const prefetching = (source: DataSource, clock: () => number): ((at: DataPlace) => Effect<FetchedBatch>) => {
  let ahead: Ahead | null = null;
  const begin = (at: DataPlace): Ahead => {
    const began = clock();
    const batch = source(at)();
    return { at, batch, busy: clock() - began };
  };
  return (at) => async () => {
    const { batch, busy } = ahead !== null && isSame(ahead.at, at) ? ahead : begin(at);
    const asked = clock();
    const made = await batch;
    if (E.isLeft(made)) return made;
    const seconds = busy + clock() - asked;
    ahead = begin({ step: at.step + 1, position: made.right.position });
    return E.right({ batch: made.right, seconds });
  };
};

/** What updates are made with. */
export type Updates = {
  readonly programs: UpdatePrograms;
  readonly source: DataSource;
  readonly schedule: Schedule;
  /** Seconds of a monotonic clock. */
  readonly clock: () => number;
  /** Bytes this process holds; without it they are not measured. */
  readonly memory?: () => number;
};

const scalar = (value: number): TensorValue => new TensorValue(tensorType('f32'), Float32Array.of(value));

/**
 * Makes updates: the next batch, the learning rate of its step, one run of the update program.
 *
 * @law an update is a function of the state, the step and the position in the data alone; the rate applied at step n is
 * `schedule(n)`, n the updates before it.
 */
export const updater = ({
  programs,
  source,
  schedule,
  clock,
  memory,
}: Updates): LoopEnv<LearnedState<Buffer>, TrainingError>['update'] => {
  const fetch = prefetching(source, clock);
  return (state, host) =>
    pipe(
      fetch(host),
      TE.bindTo('fetched'),
      TE.let('rate', () => Math.fround(schedule(host.step))),
      TE.bind('stepped', ({ fetched: { batch }, rate }) =>
        pipe(
          stepOnDevice(programs.placement, programs.update)(state, {
            inputs: batch.inputs,
            learningRate: scalar(rate),
          }),
          TE.mapLeft((error): TrainingError => backendError(error)),
        ),
      ),
      TE.map(({ fetched: { batch, seconds }, rate, stepped: { state: next, metrics } }) => ({
        state: next,
        position: batch.position,
        samples: batch.samples,
        measured: {
          ...metrics,
          learning_rate: rate,
          data_time: seconds,
          samples: batch.size,
          ...(memory === undefined ? {} : { peak_memory_bytes: memory() }),
        },
      })),
    );
};
