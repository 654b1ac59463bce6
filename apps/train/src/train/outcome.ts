import type { Buffer } from '@torsor/backend';
import {
  actionMetrics,
  type ChunkWindow,
  type EvaluationError,
  errorTable,
  type ScoredMethod,
  showEvaluationError,
} from '@torsor/evaluation';
import type { MetricLine, MetricName } from '@torsor/metrics';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { defect, type Failure } from '../failure.js';
import { type Evaluation, heldOutScore, type Sampled, sampleHeldOut } from './evaluating.js';
import { actingParams, type PolicyState } from './programs.js';
import { type DecodingCounts, decodingCounts } from './sampling/decoded.js';
import { jointsOf, scoreMethods } from './scoring.js';

/** An evaluation and what its actions are compared with. */
export type Judge = Evaluation & {
  /** `[ah, ad]`, of the training windows; `null` where there are none. */
  readonly meanChunk: ArrayLike<number> | null;
  readonly units: TrainConfig['data']['units'];
};

type Effect<A> = TE.TaskEither<Failure, A>;

const scoredOf = (judge: Judge, { recorded, samples }: Sampled): Effect<readonly ScoredMethod[]> => {
  const { dataset } = judge.source.samples;
  const { actionNames, stateNames } = dataset;
  const scored = scoreMethods({ recorded, samples, actionNames, stateNames, meanChunk: judge.meanChunk });
  return TE.fromEither(E.mapLeft((error: EvaluationError) => defect(showEvaluationError(error)))(scored));
};

/** Held-out losses: of the parameters as trained, and of the averaged ones where there are any. */
export type Losses = {
  readonly live: number;
  readonly ema: number | null;
  /** Of the acting parameters: how many of the held-out tokens are the most likely ones; `null` without tokens. */
  readonly tokenAccuracy: number | null;
};

const lossesOf = (judge: Judge, state: PolicyState<Buffer>): Effect<Losses> =>
  pipe(
    TE.Do,
    TE.bind('live', () => heldOutScore(judge, state.params)),
    TE.bind('ema', () =>
      actingParams(state) === state.params ? TE.right(null) : heldOutScore(judge, actingParams(state)),
    ),
    TE.map(({ live, ema }) => ({
      live: live.loss,
      ema: ema?.loss ?? null,
      tokenAccuracy: (ema ?? live).tokenAccuracy,
    })),
  );

const countsOf = ({ decoded }: Sampled): DecodingCounts | null => (decoded === null ? null : decodingCounts(decoded));

/** What is measured of a policy that writes tokens. */
const tokenMetrics = (
  { tokenAccuracy }: Losses,
  counts: DecodingCounts | null,
): { readonly [Name in MetricName]?: number } => ({
  ...(tokenAccuracy === null ? {} : { 'eval/token_accuracy': tokenAccuracy }),
  ...(counts === null
    ? {}
    : {
        'eval/decode_failure_rate': counts.failures / counts.chunks,
        'eval/tokens_per_chunk': counts.tokens / counts.chunks,
      }),
});

/** The held-out metrics of a state, with one sampled chunk per window. */
export const evaluationLine =
  (judge: Judge) =>
  (state: PolicyState<Buffer>, step: number): Effect<MetricLine> =>
    pipe(
      TE.Do,
      TE.bind('losses', () => lossesOf(judge, state)),
      TE.bind('sampled', () => sampleHeldOut(judge, actingParams(state), 1)),
      TE.bind('methods', ({ sampled }) => scoredOf(judge, sampled)),
      TE.map(({ losses, sampled, methods: [single] }) => ({
        step,
        'eval/loss': losses.live,
        ...(losses.ema === null ? {} : { 'eval/loss_ema': losses.ema }),
        ...(single === undefined ? {} : actionMetrics(single.errors)),
        ...tokenMetrics(losses, countsOf(sampled)),
      })),
    );

/** How good a policy is on what it never saw. */
export type Outcome = {
  readonly losses: Losses;
  readonly methods: readonly ScoredMethod[];
  readonly sampled: Sampled;
};

/** Judges a state with several sampled chunks per window. */
export const outcomeOf = (judge: Judge, state: PolicyState<Buffer>, draws: number): Effect<Outcome> =>
  pipe(
    TE.Do,
    TE.bind('losses', () => lossesOf(judge, state)),
    TE.bind('sampled', () => sampleHeldOut(judge, actingParams(state), draws)),
    TE.bind('methods', ({ sampled }) => scoredOf(judge, sampled)),
  );

const shownLoss = (loss: number): string => loss.toFixed(4);

/** What is printed of an outcome: losses, then the table of errors beside the baselines. */
export const showOutcome = (judge: Judge, { losses, methods, sampled }: Outcome): string => {
  const { dataset, episodes } = judge.source.samples;
  const joints = jointsOf(dataset.actionNames, judge.units);
  const ema = losses.ema === null ? '' : `, ${shownLoss(losses.ema)} with averaged parameters (EMA)`;
  const windows = `${sampled.recorded.size} windows of ${episodes.length} held-out episodes (${episodes.map(({ index }) => index).join(', ')})`;
  return [
    `held-out loss ${shownLoss(losses.live)}${ema}; ${windows}`,
    ...decodingLines(losses, countsOf(sampled)),
    '',
    errorTable(joints, methods),
    '',
    ...verdict(methods, countsOf(sampled)),
  ].join('\n');
};

/** What a report of an outcome must say before any number. */
export const outcomeNotices = ({ losses, sampled }: Outcome): readonly string[] => {
  const counts = countsOf(sampled);
  return counts === null || counts.failures === 0 ? [] : decodingLines(losses, counts);
};

const decodingLines = ({ tokenAccuracy }: Losses, counts: DecodingCounts | null): readonly string[] => {
  if (counts === null) return [];
  const { chunks, tokens, failures, example } = counts;
  return [
    `tokens: ${(100 * (tokenAccuracy ?? Number.NaN)).toFixed(1)} % of the held-out ones are the most likely; ${(tokens / chunks).toFixed(1)} decoded per chunk`,
    failures === 0
      ? `decoding: all ${chunks} chunks are actions`
      : `decoding: ${failures} of ${chunks} chunks are NO actions and are scored as the normalized zeros that openpi would execute (${example})`,
  ];
};

const verdict = (methods: readonly ScoredMethod[], counts: DecodingCounts | null): readonly string[] => {
  const policy = methods.find(({ baseline }) => !baseline);
  if (policy === undefined) return [];
  // What is scored in place of a chunk that failed is no merit of the policy, however close it comes.
  if (counts !== null && counts.failures > 0) {
    return [`no comparison with the baselines: ${counts.failures} of ${counts.chunks} chunks are not the policy's own`];
  }
  const { mae } = policy.errors;
  return methods
    .filter(({ baseline }) => baseline)
    .map(({ name, errors }) => {
      const change = (100 * (errors.mae - mae)) / errors.mae;
      const how = change >= 0 ? `${change.toFixed(1)} % below` : `${(-change).toFixed(1)} % ABOVE`;
      return `${policy.name}: MAE ${mae.toFixed(4)}, ${how} the baseline '${name}' (${errors.mae.toFixed(4)})`;
    });
};

/** Evenly spread windows of an outcome, for pictures. */
export const shownWindows = ({ recorded, samples }: Sampled, count: number): readonly ChunkWindow[] => {
  const { actionHorizon: ah, actionDim: ad, size } = recorded;
  const n = Math.min(count, size);
  const part = (data: Float32Array, row: number, width: number): Float32Array =>
    data.subarray(row * width, (row + 1) * width);
  return Array.from({ length: n }, (_, i) => Math.floor(((i + 0.5) * size) / n)).map((row) => ({
    title: `episode ${recorded.episodeIndex[row]}, frame ${recorded.frameIndex[row]}`,
    recorded: part(recorded.actions, row, ah * ad),
    isPad: recorded.actionIsPad.subarray(row * ah, (row + 1) * ah),
    samples: samples.map((sample) => part(sample, row, ah * ad)),
  }));
};
