import { makeAttnMask } from '@torsor/nn';
import { type Expr, iota, isValid, refused, sliceInDim, withType } from '@torsor/tensor';
import { type GemmaOutput, gemma } from '../gemma/gemma.js';
import type { FastObservation } from '../observation.js';
import { type Params, paramsBelow } from '../params/at.js';
import { type Pi0FastConfig, pi0FastExperts } from './config.js';
import { embedInputs, type TokenSequence } from './embed.js';
import { tokenLogits } from './logits.js';

/** Positions of training: every token counts, masked ones too. `i32[b, s]`. */
export const everyPosition = (mask: Expr): Expr => withType(mask, ({ shape }) => iota('i32', shape, 1));

/** What the language model gives for a sequence without its last token, which predicts nothing. */
const trainingPass = (config: Pi0FastConfig, params: Params, sequence: TokenSequence): GemmaOutput => {
  const cut = (x: Expr): Expr => withType(x, ({ shape }) => sliceInDim(x, 0, (shape[1] ?? 1) - 1, 1));
  const mask = cut(sequence.mask);
  return gemma(
    paramsBelow(params, 'PaliGemma/llm'),
    pi0FastExperts(config),
    {
      tokens: [cut(sequence.tokens)],
      positions: everyPosition(mask),
      mask: makeAttnMask(mask, cut(sequence.arMask)),
      wideQueries: true,
      ...(config.remat === undefined ? {} : { remat: config.remat }),
    },
    config.computeDtype,
  );
};

/** What one pass over a sequence with known tokens gives. */
export type Prediction = {
  /** `[b, l − 1, d]` after the last normalization, at the tokens that are followed by one. */
  readonly preLogits: Expr;
  /** Keys and values of all tokens but the last per layer, `[depth, b, s − 1, k, e]`. */
  readonly cache: GemmaOutput['cache'];
};

/**
 * One pass over cameras, prompt and actions, in which the prefix sees itself and each later token its predecessors.
 *
 * @source openpi `models/pi0_fast.py` `compute_loss` (15a9616)
 */
export const predictTokens = (config: Pi0FastConfig, params: Params, observation: FastObservation): Prediction => {
  const sequence = embedInputs(config, params, observation, observation.tokenArMask);
  const { outputs, cache } = trainingPass(config, params, sequence);
  const [out] = outputs;
  if (out === undefined) return { preLogits: refused('predictTokens', [], 'the language model did not run'), cache };
  const length = isValid(observation.tokenizedPrompt) ? (observation.tokenizedPrompt.type.shape[1] ?? 1) : 1;
  const preLogits = withType(out, ({ shape: [, end = 0] }) => sliceInDim(out, end - (length - 1), end, 1));
  return { preLogits, cache };
};

/**
 * The teacher-forced logits of every token but the first: at each position, given the recorded tokens before it.
 *
 * @returns `[b, l − 1, v]`: for all positions, padding too, at once; see `computeFastLoss` for long vocabularies.
 */
export const predictLogits = (config: Pi0FastConfig, params: Params, observation: FastObservation): Expr =>
  tokenLogits(paramsBelow(params, 'PaliGemma/llm'), predictTokens(config, params, observation).preLogits);
