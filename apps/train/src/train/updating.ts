import type { Buffer } from '@torsor/backend';
import { type Batch, cachedEpochOrder } from '@torsor/data';
import type { Schedule } from '@torsor/schedules';
import { TensorValue, tensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { backendFailure, defect, type Failure } from '../failure.js';
import type { NonFinite } from './advance.js';
import { type BatchSource, trainingBatch } from './batches.js';
import { batchTensors } from './input-tensors.js';
import type { LoopEnv } from './loop.js';
import type { PolicyState, UpdateMetric } from './programs.js';
import type { TrainingPrograms } from './session.js';
import { stepOnDevice } from './step-on-device.js';

/** What updates are made with. */
export type Updates = {
  readonly session: TrainingPrograms;
  readonly source: BatchSource;
  readonly config: TrainConfig;
  readonly schedule: Schedule;
  /** Seconds of a monotonic clock. */
  readonly clock: () => number;
  /** Bytes this process holds. */
  readonly memory: () => number;
};

type Update = LoopEnv<PolicyState<Buffer>, Failure>['update'];

/** An update, and the samples of the last batch it was asked for, to name them when it goes wrong. */
export type Updater = { readonly update: Update; readonly lastBatch: () => Batch | null };

const scalar = (value: number): TensorValue => new TensorValue(tensorType('f32'), Float32Array.of(value));

/**
 * Makes updates: the next batch in the order of the data, its noise and times from the step's own key, one run of the
 * update program.
 *
 * @law an update is a function of the state, the step and the position in the data alone.
 */
export const updater = ({ session, source, config, schedule, clock, memory }: Updates): Updater => {
  const order = cachedEpochOrder();
  const step = stepOnDevice<UpdateMetric>(session, session.update);
  let last: Batch | null = null;
  const update: Update = (state, host) => {
    const began = clock();
    const rate = Math.fround(schedule(host.step));
    const prepared = pipe(
      trainingBatch(source, host, config.batchSize, order),
      E.flatMap((batch) =>
        pipe(
          batchTensors(batch.inputs, config.batchSize, config.model),
          E.bimap(
            ({ reason }) => defect(reason),
            (inputs) => ({ ...batch, tensors: { inputs, learningRate: scalar(rate) } }),
          ),
        ),
      ),
    );
    if (E.isLeft(prepared)) return TE.left(prepared.left);
    const { tensors, position, recorded } = prepared.right;
    last = recorded;
    const dataTime = clock() - began;
    return pipe(
      step(state, tensors),
      TE.bimap(backendFailure, ({ state: next, metrics }) => ({
        state: next,
        position,
        measured: {
          ...metrics,
          learning_rate: rate,
          data_time: dataTime,
          samples: config.batchSize,
          peak_memory_bytes: memory(),
        },
      })),
    );
  };
  return { update, lastBatch: () => last };
};

const shown = 4;

/** An update whose numbers went wrong, with what it was computed from. */
export const nonFiniteFailure = ({ step, what, value }: NonFinite, batch: Batch | null): Failure => {
  const samples = [...(batch?.episodeIndex ?? [])].map((episode, i) => `${episode}:${batch?.frameIndex[i]}`);
  const more = samples.length > shown ? ` and ${samples.length - shown} more` : '';
  return {
    exit: 'failed',
    messages: [
      `update ${step}: ${what} is ${value}; nothing of it was saved`,
      `its samples (episode:frame): ${samples.slice(0, shown).join(', ')}${more}`,
      'lower lrSchedule.peakLr or clip gradients (optimizer.clipGradientNorm), then --resume from the last checkpoint',
    ],
  };
};
