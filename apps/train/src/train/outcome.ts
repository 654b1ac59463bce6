import type { Buffer } from '@torsor/backend';
import {
  actionMetrics,
  type ChunkWindow,
  type EvaluationError,
  errorTable,
  type ScoredMethod,
  showEvaluationError,
} from '@torsor/evaluation';
import type { MetricLine } from '@torsor/metrics';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { defect, type Failure } from '../failure.js';
import { type Evaluation, heldOutLoss, type Sampled, sampleHeldOut } from './evaluating.js';
import { actingParams, type PolicyState } from './programs.js';
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
export type Losses = { readonly live: number; readonly ema: number | null };

const lossesOf = (judge: Judge, state: PolicyState<Buffer>): Effect<Losses> =>
  pipe(
    TE.Do,
    TE.bind('live', () => heldOutLoss(judge, state.params)),
    TE.bind('ema', () =>
      actingParams(state) === state.params ? TE.right(null) : heldOutLoss(judge, actingParams(state)),
    ),
  );

/** The held-out metrics of a state, with one sampled chunk per window. */
export const evaluationLine =
  (judge: Judge) =>
  (state: PolicyState<Buffer>, step: number): Effect<MetricLine> =>
    pipe(
      TE.Do,
      TE.bind('losses', () => lossesOf(judge, state)),
      TE.bind('sampled', () => sampleHeldOut(judge, actingParams(state), 1)),
      TE.bind('methods', ({ sampled }) => scoredOf(judge, sampled)),
      TE.map(({ losses, methods: [single] }) => ({
        step,
        'eval/loss': losses.live,
        ...(losses.ema === null ? {} : { 'eval/loss_ema': losses.ema }),
        ...(single === undefined ? {} : actionMetrics(single.errors)),
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
    '',
    errorTable(joints, methods),
    '',
    ...verdict(methods),
  ].join('\n');
};

const verdict = (methods: readonly ScoredMethod[]): readonly string[] => {
  const policy = methods.find(({ baseline }) => !baseline);
  if (policy === undefined) return [];
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
