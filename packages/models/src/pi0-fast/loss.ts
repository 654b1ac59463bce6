import { maskedTokenCrossEntropy, tokenAccuracy } from '@torsor/losses';
import {
  convert,
  div,
  type Expr,
  maximum,
  mul,
  onesLike,
  pad,
  reduceSum,
  reshape,
  scan,
  sliceInDim,
  where,
  withType,
  withTypes,
} from '@torsor/tensor';
import type { FastObservation } from '../observation.js';
import { type Params, paramsBelow } from '../params/at.js';
import type { Pi0FastConfig } from './config.js';
import { tokenLogits } from './logits.js';
import { predictTokens } from './predict.js';
import { type PredictedPositions, predictedPositions } from './window.js';

/** Logits that are computed at once where the configuration does not say: 256 MiB in f32. */
const logitsAtOnce = 2 ** 26;

/** A number per token from `logits [n, 1, v]`, `targets [n, 1]` and `mask [n, 1]`. */
type Score = (logits: Expr, targets: Expr, mask: Expr) => Expr;

type Tokens = { readonly preLogits: Expr; readonly targets: Expr; readonly mask: Expr };

const scored = (table: Params, score: Score, { preLogits, targets, mask }: Tokens): Expr =>
  withType(targets, ({ shape: [n = 0] }) => {
    const column = (x: Expr): Expr => reshape(x, [n, 1]);
    return score(
      withType(preLogits, ({ shape: [, d = 0] }) => tokenLogits(table, reshape(preLogits, [n, 1, d]))),
      column(targets),
      column(mask),
    );
  });

/** Tokens in pieces of `size`, the last one filled up with tokens that do not count. */
const inPieces = (x: Expr, size: number): Expr =>
  withType(x, ({ shape: [n = 0, ...rest] }) => {
    const pieces = Math.ceil(n / size);
    const zeros = rest.map(() => 0);
    return reshape(pad(x, [0, ...zeros], [pieces * size - n, ...zeros]), [pieces, size, ...rest]);
  });

/** A score of every token `[n]`, of `size` tokens at a time; the derivative keeps no logits. */
const pieceByPiece = (table: Params, score: Score, tokens: Tokens, size: number): Expr => {
  const { preLogits, targets, mask } = tokens;
  const xs = { preLogits: inPieces(preLogits, size), targets: inPieces(targets, size), mask: inPieces(mask, size) };
  const { ys } = scan((carry: Record<never, Expr>, x: Tokens) => ({ carry, y: scored(table, score, x) }), {}, xs);
  return withTypes([ys, targets], ([pieces, all]) => {
    const [count = 0, length = 0] = pieces?.shape ?? [];
    return sliceInDim(reshape(ys, [count * length]), 0, all?.shape[0] ?? 0, 0);
  });
};

/** The mean score of the tokens that count, `[b]`; 0 where none does. */
const meanScore = (config: Pi0FastConfig, params: Params, positions: PredictedPositions, score: Score): Expr => {
  const table = paramsBelow(params, 'PaliGemma/llm');
  const { preLogits, targets, mask } = positions;
  return withType(preLogits, ({ shape: [b = 0, n = 0, d = 0] }) => {
    const flat = {
      preLogits: reshape(preLogits, [b * n, d]),
      targets: reshape(targets, [b * n]),
      mask: reshape(mask, [b * n]),
    };
    const size = Math.max(1, Math.floor((config.logitsAtOnce ?? logitsAtOnce) / config.vocabSize));
    const scores = b * n <= size ? scored(table, score, flat) : pieceByPiece(table, score, flat, size);
    return withType(scores, ({ dtype }) => {
      const sum = reduceSum(reshape(scores, [b, n]), [1]);
      return div(sum, maximum(reduceSum(convert(mask, dtype), [1]), 1));
    });
  });
};

/** `x`, but NaN for samples of which tokens that count are missing: a factor, so that the gradient is NaN too. */
const nanUnless = (complete: Expr | undefined, x: Expr): Expr =>
  complete === undefined ? x : mul(x, where(complete, onesLike(x), Number.NaN));

const meanOf =
  (score: Score) =>
  (config: Pi0FastConfig, params: Params, observation: FastObservation): Expr => {
    const { preLogits } = predictTokens(config, params, observation);
    const positions = predictedPositions(preLogits, observation, config.lossTokens);
    return nanUnless(positions.complete, meanScore(config, params, positions, score));
  };

/**
 * Mean negative log-likelihood of the tokens inside the loss mask, per sample, each given those before it.
 *
 * Logits of cameras are never computed; those of tokens only `logitsAtOnce` at a time.
 *
 * @returns `[b]` nats per token; 0 for a sample without any. NaN for one whose target is not in `[0, v)` or whose loss
 * mask reaches further than `lossTokens`.
 * @law logits and targets outside the loss mask, padding and absent cameras change neither loss nor gradient.
 * @source openpi `models/pi0_fast.py` `compute_loss` (15a9616)
 */
export const computeFastLoss = meanOf(maskedTokenCrossEntropy);

/**
 * The share of the tokens inside the loss mask that are the most likely ones given those before them, per sample.
 *
 * @returns `[b]` in [0, 1]; 0 for a sample without any. NaN where `computeFastLoss` is because of `lossTokens`.
 */
export const computeFastAccuracy = meanOf(tokenAccuracy);
