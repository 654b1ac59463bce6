import type { Buffer } from '@torsor/backend';
import { type Batch, gatherBatch } from '@torsor/data';
import { normal } from '@torsor/random';
import { type TensorValue, tensorValue, toFloat64 } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { backendFailure, dataFailure, defect, type Failure } from '../failure.js';
import { type BatchSource, type EvaluationRows, evaluationBatch, type PreparedBatch } from './batches.js';
import { batchTensors, observationTensors } from './inputTensors.js';
import { fromModelSpace } from './modelSpace.js';
import type { PolicyPrograms } from './session.js';
import { sampleKey } from './streams.js';
import { getTree, type OnDevice, type OnHost, putTree, releaseTree } from './transfer.js';

/** What a policy is evaluated on: held-out samples, in batches of the programs' size. */
export type Evaluation = {
  readonly programs: PolicyPrograms;
  readonly source: BatchSource;
  readonly model: TrainConfig['model'];
  readonly rows: readonly EvaluationRows[];
};

type Effect<A> = TE.TaskEither<Failure, A>;

const prepared = ({ source }: Evaluation, rows: EvaluationRows): Effect<PreparedBatch> =>
  TE.fromEither(evaluationBatch(source, rows));

const onDevice = <A>(task: TE.TaskEither<Parameters<typeof backendFailure>[0], A>): Effect<A> =>
  pipe(task, TE.mapLeft(backendFailure));

const valued = <A>(values: E.Either<{ readonly reason: string }, A>): Effect<A> =>
  TE.fromEither(E.mapLeft(({ reason }: { readonly reason: string }) => defect(reason))(values));

/** Runs with a tree of values on the device and takes it back afterwards, also when the run fails. */
const withValues =
  <T extends Tree<TensorValue>>(programs: PolicyPrograms, values: T) =>
  <B>(use: (buffers: OnDevice<T>) => Effect<B>): Effect<B> =>
    TE.bracket(onDevice(putTree(programs)(values)), use, (held) =>
      onDevice(releaseTree(programs.backend)(held as Tree<Buffer>)),
    );

/** The results of a run on the host; the device keeps nothing of them. */
const hosted = <T extends Tree<Buffer>>({ backend }: PolicyPrograms, outputs: T): Effect<OnHost<T>> =>
  pipe(
    onDevice(getTree(backend)(outputs)),
    TE.tap(() => onDevice(releaseTree(backend)(outputs))),
  );

const lossesOf = (evaluation: Evaluation, params: Tree<Buffer>, rows: EvaluationRows): Effect<readonly number[]> => {
  const { programs, model } = evaluation;
  return pipe(
    prepared(evaluation, rows),
    TE.flatMap(({ inputs }) => valued(batchTensors(inputs, programs.batchSize, model))),
    TE.flatMap((values) =>
      withValues(programs, { batch: values })((buffers) =>
        pipe(
          onDevice(programs.backend.run(programs.loss, { params, ...buffers })),
          TE.flatMap((outputs) => hosted(programs, outputs)),
        ),
      ),
    ),
    TE.map(({ loss }) => [...toFloat64(loss)].slice(0, rows.real)),
  );
};

/**
 * The loss of every held-out sample with its own noise and time, averaged over samples, not over batches.
 *
 * @law does not depend on the batch size, nor on anything that training draws.
 */
export const heldOutLoss = (evaluation: Evaluation, params: Tree<Buffer>): Effect<number> =>
  pipe(
    evaluation.rows,
    TE.traverseSeqArray((rows) => lossesOf(evaluation, params, rows)),
    TE.map((batches) => {
      const losses = batches.flat();
      return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    }),
  );

/** Held-out windows, and what a policy sampled for them, in the dataset's units. */
export type Sampled = {
  readonly recorded: Batch;
  /** Each `[n, ah, ad]`. */
  readonly samples: readonly Float32Array[];
};

/** The noise from which chunk `draw` of each sample of a batch is generated: a function of the sample alone. */
const noiseOf = ({ source, model }: Evaluation, { indices }: EvaluationRows, draw: number): Float32Array => {
  const chunk = model.actionHorizon * model.actionDim;
  const noise = new Float32Array(indices.length * chunk);
  for (const [row, sample] of indices.entries()) {
    noise.set(normal(sampleKey(source.seed, sample, draw), chunk), row * chunk);
  }
  return noise;
};

const chunksOf = (
  evaluation: Evaluation,
  params: Tree<Buffer>,
  rows: EvaluationRows,
  batch: PreparedBatch,
  draw: number,
): Effect<Float32Array> => {
  const { programs, model, source } = evaluation;
  const { batchSize } = programs;
  const type = [batchSize, model.actionHorizon, model.actionDim] as const;
  return pipe(
    TE.Do,
    TE.bind('observation', () => valued(observationTensors(batch.inputs, batchSize, model))),
    TE.bind('noise', () => valued(tensorValue('f32', type, noiseOf(evaluation, rows, draw)))),
    TE.flatMap((values) =>
      withValues(
        programs,
        values,
      )((buffers) =>
        pipe(
          onDevice(programs.backend.run(programs.sample, { params, ...buffers })),
          TE.flatMap((outputs) => hosted(programs, outputs)),
        ),
      ),
    ),
    TE.map(({ actions }) => Float32Array.from(toFloat64(actions))),
    TE.flatMapEither((sampled) => E.mapLeft(dataFailure)(fromModelSpace(source.space, batch.recorded, sampled))),
    TE.map((actions) => actions.subarray(0, (actions.length / batchSize) * rows.real)),
  );
};

const samplesOfRows = (
  evaluation: Evaluation,
  params: Tree<Buffer>,
  rows: EvaluationRows,
  draws: number,
): Effect<readonly Float32Array[]> =>
  pipe(
    prepared(evaluation, rows),
    TE.flatMap((batch) =>
      pipe(
        Array.from({ length: draws }, (_, draw) => draw),
        TE.traverseSeqArray((draw) => chunksOf(evaluation, params, rows, batch, draw)),
      ),
    ),
  );

const joined = (parts: readonly Float32Array[]): Float32Array => {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

/**
 * `draws` action chunks for each held-out window.
 *
 * @law the chunks of a window depend on the window, the draw and the parameters alone.
 */
export const sampleHeldOut = (evaluation: Evaluation, params: Tree<Buffer>, draws: number): Effect<Sampled> => {
  const { rows, source } = evaluation;
  const real = rows.flatMap(({ indices, real: count }) => indices.slice(0, count));
  const { actionHorizon } = source;
  return pipe(
    TE.Do,
    TE.bind('recorded', () =>
      TE.fromEither(E.mapLeft(dataFailure)(gatherBatch(source.samples, { actionHorizon }, real))),
    ),
    TE.bind('batches', () =>
      pipe(
        rows,
        TE.traverseSeqArray((row) => samplesOfRows(evaluation, params, row, draws)),
      ),
    ),
    TE.map(({ recorded, batches }) => ({
      recorded,
      samples: Array.from({ length: draws }, (_, draw) =>
        joined(batches.map((batch) => batch[draw] ?? new Float32Array(0))),
      ),
    })),
  );
};
