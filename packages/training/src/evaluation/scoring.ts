import { type Batch, gatherBatch, type Samples } from '@torsor/data';
import {
  actionErrors,
  type EvaluationError,
  holdLastState,
  type Joint,
  matchingDimensions,
  meanChunk,
  meanOfSamples,
  type RecordedChunks,
  repeatChunk,
  type ScoredMethod,
} from '@torsor/evaluation';
import { dataError } from '@torsor/policy';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { evaluationRows } from '../batches/batches.js';
import type { TrainingError } from '../error.js';

/** Windows from which the mean chunk is taken, evenly spread; more would not move it visibly. */
const meanChunkWindows = 4096;

/** Recorded windows as an evaluation reads them. */
const recordedChunks = (batch: Batch, names: readonly string[]): RecordedChunks => ({
  n: batch.size,
  names,
  horizon: batch.actionHorizon,
  actions: batch.actions,
  isPad: batch.actionIsPad,
});

/**
 * The chunk `[ah, ad]` that ignores its input: the mean over the training windows, NaN at steps that are padding in all.
 *
 * @errors as `gatherBatch` and `meanChunk`.
 */
export const trainingMeanChunk = (samples: Samples, actionHorizon: number): E.Either<TrainingError, Float64Array> => {
  const indices = evaluationRows(samples.count, meanChunkWindows, 1).flatMap((row) => row.indices);
  return pipe(
    gatherBatch(samples, { actionHorizon }, indices),
    E.mapLeft((error): TrainingError => dataError(error)),
    E.flatMap((batch) =>
      pipe(
        meanChunk(recordedChunks(batch, samples.dataset.actionNames)),
        E.mapLeft((error): TrainingError => ({ _tag: 'Evaluation', error })),
      ),
    ),
  );
};

/** What is scored: recorded windows, what a policy sampled for them, and what the baselines need. */
export type ScoringInputs = {
  readonly recorded: Batch;
  readonly actionNames: readonly string[];
  readonly stateNames: readonly string[];
  /** Each `[n, ah, ad]` in the dataset's units; at least one. */
  readonly samples: readonly ArrayLike<number>[];
  /** `[ah, ad]`, of the training windows; `null` where there are none, and then there is no such baseline. */
  readonly meanChunk: ArrayLike<number> | null;
};

type Scored = E.Either<EvaluationError, ScoredMethod>;

const scored = (name: string, baseline: boolean, recorded: RecordedChunks, predicted: ArrayLike<number>): Scored =>
  pipe(
    actionErrors(recorded, predicted),
    E.map((errors) => ({ name, baseline, errors })),
  );

const policyMethods = ({ samples }: ScoringInputs, recorded: RecordedChunks): readonly Scored[] => {
  const single = scored('1 sample', false, recorded, samples[0] ?? []);
  if (samples.length < 2) return [single];
  const mean = pipe(
    meanOfSamples(samples),
    E.flatMap((predicted) => scored(`mean of ${samples.length}`, false, recorded, predicted)),
  );
  return [mean, single];
};

// Where an action has no state of its name there is nothing to hold, and no such baseline.
const holding = (inputs: ScoringInputs, recorded: RecordedChunks): readonly Scored[] => {
  const matching = matchingDimensions(inputs.actionNames, inputs.stateNames);
  if (E.isLeft(matching)) return [];
  const { state, stateDim } = inputs.recorded;
  const held = holdLastState(state, stateDim, matching.right, recorded.horizon);
  return [
    pipe(
      held,
      E.flatMap((predicted) => scored('hold last state', true, recorded, predicted)),
    ),
  ];
};

/** The steps at which a chunk has numbers: the mean chunk has none where every training window is padding. */
const stepsOf = (chunk: ArrayLike<number>, horizon: number): readonly boolean[] => {
  const ad = chunk.length / horizon;
  return Array.from({ length: horizon }, (_, step) => !Number.isNaN(chunk[step * ad]));
};

// No training episode is as long as the horizon: where there is no mean, nothing is compared with it.
const meaning = ({ meanChunk: chunk }: ScoringInputs, recorded: RecordedChunks): readonly Scored[] => {
  if (chunk === null) return [];
  const { n, horizon, isPad } = recorded;
  const has = stepsOf(chunk, horizon);
  const steps = has.filter((known) => known).length;
  const name = steps === horizon ? 'mean chunk' : `mean chunk (${steps} of ${horizon} steps)`;
  const known = Array.from(isPad, (pad, row) => (has[row % horizon] === true ? pad : 1));
  return [scored(name, true, { ...recorded, isPad: known }, repeatChunk(chunk, n))];
};

/**
 * The policy's errors for the mean of all samples (where there are several) and for one, then those of the baselines: holding the last state (where every
 * action has a state of its name) and the training windows' mean chunk.
 *
 * @errors as `actionErrors`.
 */
export const scoreMethods = (inputs: ScoringInputs): E.Either<EvaluationError, readonly ScoredMethod[]> => {
  const recorded = recordedChunks(inputs.recorded, inputs.actionNames);
  const methods = [...policyMethods(inputs, recorded), ...holding(inputs, recorded), ...meaning(inputs, recorded)];
  return E.sequenceArray(methods);
};

/** Action dimensions by name with the configured units; without any, or with one for all. */
export const jointsOf = (names: readonly string[], units: string | readonly string[] | null): readonly Joint[] =>
  names.map((name, i) => ({ name, unit: (typeof units === 'string' ? units : units?.[i]) ?? '' }));
