import { type ChunkWindow, errorTable, type ScoredMethod } from '@torsor/evaluation';
import type { DecodingCounts } from '@torsor/policy';
import type { HeldOutLosses } from './held-out-loss.js';
import type { Sampled } from './held-out-windows.js';
import { countsOf, type Outcome, type PolicyEvaluation } from './outcome.js';
import { jointsOf } from './scoring.js';

/** The held-out losses of an outcome, for a program to read. */
export const lossNumbers = ({
  losses: { live, ema },
}: Outcome): { readonly live: number; readonly ema: number | null; readonly tokenAccuracy: number | null } => ({
  live: live.loss,
  ema: ema?.loss ?? null,
  tokenAccuracy: (ema ?? live)['token_accuracy'] ?? null,
});

const shownLoss = (loss: number): string => loss.toFixed(4);

/** What is printed of an outcome: losses, then the table of errors beside the baselines. */
export const showOutcome = ({ source, units }: PolicyEvaluation, { losses, methods, sampled }: Outcome): string => {
  const { dataset, episodes } = source.samples;
  const joints = jointsOf(dataset.actionNames, units);
  const ema = losses.ema === null ? '' : `, ${shownLoss(losses.ema.loss)} with averaged parameters (EMA)`;
  const windows = `${sampled.recorded.size} windows of ${episodes.length} held-out episodes (${episodes.map(({ index }) => index).join(', ')})`;
  return [
    `held-out loss ${shownLoss(losses.live.loss)}${ema}; ${windows}`,
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

const decodingLines = ({ live, ema }: HeldOutLosses, counts: DecodingCounts | null): readonly string[] => {
  if (counts === null) return [];
  const tokenAccuracy = (ema ?? live)['token_accuracy'];
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
