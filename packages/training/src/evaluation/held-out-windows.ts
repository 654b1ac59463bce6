import type { Buffer } from '@torsor/backend';
import { type Batch, gatherBatch } from '@torsor/data';
import { type Chunks, type DecodedChunk, dataError, defect, type PolicyModel, type Sampler } from '@torsor/policy';
import type { TensorValue } from '@torsor/tensor';
import type { Tree, TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type EvaluationRows, evaluationBatch, type PreparedBatch, type SampleSource } from '../batches/batches.js';
import { sampleKey } from '../batches/streams.js';
import type { TrainingError } from '../error.js';
import type { Effect } from '../update/compile.js';
import type { HeldOutSource } from './held-out-loss.js';

/** What a policy is evaluated on: held-out samples, in batches of the programs' size. */
export type HeldOutWindows = {
  readonly sample: Sampler;
  readonly source: SampleSource;
  /** What a policy that writes tokens goes on from; the same as `source` for others. */
  readonly prompts: SampleSource;
  readonly model: Pick<PolicyModel, 'batchTensors'>;
  readonly batchSize: number;
  readonly rows: readonly EvaluationRows[];
};

const prepared = (source: SampleSource, rows: EvaluationRows): Effect<PreparedBatch> => evaluationBatch(source, rows);

/** The batches of a policy's held-out windows. */
export const heldOutSource = ({ source, model, batchSize, rows }: HeldOutWindows): HeldOutSource =>
  rows.map(
    (row) => () =>
      pipe(
        evaluationBatch(source, row),
        TE.flatMapEither(({ inputs }) =>
          E.bimap(
            ({ reason }: { readonly reason: string }): TrainingError => defect(reason),
            (tensors: TreeNode<TensorValue>) => ({ inputs: tensors, real: row.real }),
          )(model.batchTensors(inputs, batchSize)),
        ),
      ),
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
  { sample, source, batchSize }: HeldOutWindows,
  params: Tree<Buffer>,
  rows: EvaluationRows,
  { inputs, recorded }: PreparedBatch,
  draw: number,
): Effect<Chunks> => {
  const keys = rows.indices.map((sample) => sampleKey(source.seed, sample, draw));
  return pipe(
    sample(params, { prompts: inputs, start: recorded, keys, draw }),
    TE.map(({ actions, decoded }) => ({
      actions: actions.subarray(0, (actions.length / batchSize) * rows.real),
      decoded: decoded?.slice(0, rows.real) ?? null,
    })),
  );
};

const samplesOfRows = (
  evaluation: HeldOutWindows,
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
export const sampleHeldOut = (evaluation: HeldOutWindows, params: Tree<Buffer>, draws: number): Effect<Sampled> => {
  const { rows, source } = evaluation;
  const real = rows.flatMap(({ indices, real: count }) => indices.slice(0, count));
  const { actionHorizon } = source;
  return pipe(
    TE.Do,
    TE.bind('recorded', () =>
      TE.fromEither(E.mapLeft(dataError)(gatherBatch(source.samples, { actionHorizon }, real))),
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
