import type { Buffer } from '@torsor/backend';
import { type Batch, gatherBatch } from '@torsor/data';
import { toFloat64 } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { dataFailure } from '../failure.js';
import { type BatchSource, type EvaluationRows, evaluationBatch, type PreparedBatch } from './batches.js';
import { batchTensors } from './input-tensors.js';
import type { DecodedChunk } from './sampling/decoded.js';
import { type Effect, hosted, onDevice, valued, withValues } from './sampling/on-device.js';
import { type Chunks, type Meaning, sampleChunks } from './sampling/sampler.js';
import type { PolicyPrograms } from './session.js';
import { sampleKey } from './streams.js';

/** What a policy is evaluated on: held-out samples, in batches of the programs' size. */
export type Evaluation = {
  readonly programs: PolicyPrograms;
  readonly source: BatchSource;
  /** What a policy that writes tokens goes on from; the same as `source` for others. */
  readonly prompts: BatchSource;
  readonly tokenizers: Meaning['tokenizers'];
  readonly model: TrainConfig['model'];
  readonly rows: readonly EvaluationRows[];
};

const prepared = (source: BatchSource, rows: EvaluationRows): Effect<PreparedBatch> =>
  TE.fromEither(evaluationBatch(source, rows));

/** What is measured of a sample: its loss, and of a policy that writes tokens how many of them it would have written. */
export type SampleScore = { readonly loss: number; readonly tokenAccuracy: number | null };

const scoresOf = (
  evaluation: Evaluation,
  params: Tree<Buffer>,
  rows: EvaluationRows,
): Effect<readonly SampleScore[]> => {
  const { programs, model } = evaluation;
  return pipe(
    prepared(evaluation.source, rows),
    TE.flatMap(({ inputs }) => valued(batchTensors(inputs, programs.batchSize, model))),
    TE.flatMap((batch) =>
      withValues(programs, { batch })((buffers) =>
        pipe(
          onDevice(programs.backend.run(programs.loss, { params, ...buffers })),
          TE.flatMap((outputs) => hosted(programs, outputs)),
        ),
      ),
    ),
    TE.map(({ loss, token_accuracy: accuracy }) => {
      const right = accuracy === undefined ? null : toFloat64(accuracy);
      return [...(loss === undefined ? [] : toFloat64(loss))]
        .map((value, i) => ({ loss: value, tokenAccuracy: right === null ? null : (right[i] ?? Number.NaN) }))
        .slice(0, rows.real);
    }),
  );
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The scores of the held-out samples with their own noise and time, averaged over samples, not over batches.
 *
 * @law does not depend on the batch size, nor on anything that training draws.
 */
export const heldOutScore = (evaluation: Evaluation, params: Tree<Buffer>): Effect<SampleScore> =>
  pipe(
    evaluation.rows,
    TE.traverseSeqArray((rows) => scoresOf(evaluation, params, rows)),
    TE.map((batches) => {
      const scores = batches.flat();
      const accuracies = scores.flatMap(({ tokenAccuracy }) => (tokenAccuracy === null ? [] : [tokenAccuracy]));
      return {
        loss: mean(scores.map(({ loss }) => loss)),
        tokenAccuracy: accuracies.length === 0 ? null : mean(accuracies),
      };
    }),
  );

/** Held-out windows, and what a policy sampled for them, in the dataset's units. */
export type Sampled = {
  readonly recorded: Batch;
  /** Each `[n, ah, ad]`. */
  readonly samples: readonly Float32Array[];
  /** What was decoded for the first chunk of each window; `null` for a policy that writes no tokens. */
  readonly decoded: readonly DecodedChunk[] | null;
};

const chunksOf = (
  { programs, model, source, tokenizers }: Evaluation,
  params: Tree<Buffer>,
  rows: EvaluationRows,
  { inputs, recorded }: PreparedBatch,
  draw: number,
): Effect<Chunks> => {
  const keys = rows.indices.map((sample) => sampleKey(source.seed, sample, draw));
  const meaning = { space: source.space, tokenizers };
  return pipe(
    sampleChunks(programs, params, meaning, { prompts: inputs, recorded, model, keys, draw }),
    TE.map(({ actions, decoded }) => ({
      actions: actions.subarray(0, (actions.length / programs.batchSize) * rows.real),
      decoded: decoded?.slice(0, rows.real) ?? null,
    })),
  );
};

const samplesOfRows = (
  evaluation: Evaluation,
  params: Tree<Buffer>,
  rows: EvaluationRows,
  draws: number,
): Effect<readonly Chunks[]> =>
  pipe(
    prepared(evaluation.prompts, rows),
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

const decodedFirst = (batches: readonly (readonly Chunks[])[]): Sampled['decoded'] => {
  const firsts = batches.map(([first]) => first?.decoded ?? null);
  return firsts.some((decoded) => decoded === null) ? null : firsts.flatMap((decoded) => decoded ?? []);
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
        joined(batches.map((batch) => batch[draw]?.actions ?? new Float32Array(0))),
      ),
      decoded: decodedFirst(batches),
    })),
  );
};
