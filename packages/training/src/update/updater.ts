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
import type { UpdatePrograms } from './compile.js';
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

/**
 * Where batches come from.
 *
 * @law a function of the step and the position alone: a resumed run draws what it would have drawn.
 */
export type DataSource = (at: Pick<HostState, 'step' | 'position'>) => E.Either<TrainingError, TrainingBatch>;

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
export const updater =
  ({ programs, source, schedule, clock, memory }: Updates): LoopEnv<LearnedState<Buffer>, TrainingError>['update'] =>
  (state, host) => {
    const began = clock();
    const batch = source(host);
    if (E.isLeft(batch)) return TE.left(batch.left);
    const { inputs, size, position, samples } = batch.right;
    const rate = Math.fround(schedule(host.step));
    const dataTime = clock() - began;
    return pipe(
      stepOnDevice(programs.placement, programs.update)(state, { inputs, learningRate: scalar(rate) }),
      TE.bimap(backendError, ({ state: next, metrics }) => ({
        state: next,
        position,
        samples,
        measured: {
          ...metrics,
          learning_rate: rate,
          data_time: dataTime,
          samples: size,
          ...(memory === undefined ? {} : { peak_memory_bytes: memory() }),
        },
      })),
    );
  };
