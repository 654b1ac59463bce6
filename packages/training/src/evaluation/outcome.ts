import type { Buffer } from '@torsor/backend';
import { actionMetrics, type EvaluationError, type ScoredMethod } from '@torsor/evaluation';
import type { MetricLine, MetricValues } from '@torsor/metrics';
import { type DecodingCounts, decodingCounts } from '@torsor/policy';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainingError } from '../error.js';
import type { Effect, LossPrograms } from '../update/compile.js';
import { actingParams, type LearnedState } from '../update/program.js';
import { type HeldOutLosses, heldOutLine, heldOutLosses } from './held-out-loss.js';
import { type HeldOutWindows, heldOutSource, type Sampled, sampleHeldOut } from './held-out-windows.js';
import { scoreMethods } from './scoring.js';

/** What a policy is judged on: held-out windows, its loss program, and what its actions are compared with. */
export type PolicyEvaluation = HeldOutWindows & {
  readonly programs: LossPrograms;
  /** `[ah, ad]`, of the training windows; `null` where there are none. */
  readonly meanChunk: ArrayLike<number> | null;
  /** One for all action dimensions, or one for each; `null` where nobody said. */
  readonly units: string | readonly string[] | null;
};

const scoredOf = (
  { source, meanChunk }: PolicyEvaluation,
  { recorded, samples }: Sampled,
): Effect<readonly ScoredMethod[]> => {
  const { actionNames, stateNames } = source.samples.dataset;
  const scored = scoreMethods({ recorded, samples, actionNames, stateNames, meanChunk });
  return TE.fromEither(E.mapLeft((error: EvaluationError): TrainingError => ({ _tag: 'Evaluation', error }))(scored));
};

/** How decoding went; `null` for a policy that writes no tokens. */
export const countsOf = ({ decoded }: Sampled): DecodingCounts | null =>
  decoded === null ? null : decodingCounts(decoded);

const decodingMetrics = (counts: DecodingCounts | null): MetricValues =>
  counts === null
    ? {}
    : {
        'eval/decode_failure_rate': counts.failures / counts.chunks,
        'eval/tokens_per_chunk': counts.tokens / counts.chunks,
      };

/** The held-out metrics of a state, with one sampled chunk per window. */
export const evaluationLine =
  (evaluation: PolicyEvaluation) =>
  (state: LearnedState<Buffer>, step: number): Effect<MetricLine> =>
    pipe(
      TE.Do,
      TE.bind('losses', () => heldOutLosses(evaluation.programs, heldOutSource(evaluation), state)),
      TE.bind('sampled', () => sampleHeldOut(evaluation, actingParams(state), 1)),
      TE.bind('methods', ({ sampled }) => scoredOf(evaluation, sampled)),
      TE.map(({ losses, sampled, methods: [single] }) => ({
        ...heldOutLine(losses, step),
        ...(single === undefined ? {} : actionMetrics(single.errors)),
        ...decodingMetrics(countsOf(sampled)),
      })),
    );

/** How good a policy is on what it never saw. */
export type Outcome = {
  readonly losses: HeldOutLosses;
  readonly methods: readonly ScoredMethod[];
  readonly sampled: Sampled;
};

/** Judges a state with several sampled chunks per window. */
export const outcomeOf = (evaluation: PolicyEvaluation, state: LearnedState<Buffer>, draws: number): Effect<Outcome> =>
  pipe(
    TE.Do,
    TE.bind('losses', () => heldOutLosses(evaluation.programs, heldOutSource(evaluation), state)),
    TE.bind('sampled', () => sampleHeldOut(evaluation, actingParams(state), draws)),
    TE.bind('methods', ({ sampled }) => scoredOf(evaluation, sampled)),
  );
