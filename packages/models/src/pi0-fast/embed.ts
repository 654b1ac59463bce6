import { concatenate, constant, convert, type Expr, withType } from '@torsor/tensor';
import { embedTokens } from '../gemma/gemma.js';
import type { Observation } from '../observation.js';
import { type Params, paramsBelow } from '../params/at.js';
import { embedImages } from '../siglip/cameras.js';
import { type Pi0FastConfig, pi0FastExperts } from './config.js';

/** The tokens of a whole sequence: every camera's, then those of the tokenizer. */
export type TokenSequence = {
  /** `[b, s, d]` in the compute dtype. */
  readonly tokens: Expr;
  /** `bool[b, s]`, false for padding and for absent cameras. */
  readonly mask: Expr;
  /** `bool[b, s]`, true where a token begins a group that earlier tokens do not see. */
  readonly arMask: Expr;
};

/**
 * The tokens of every camera, which see one another, then the tokens of the tokenizer. Those of an absent camera are
 * computed and masked.
 *
 * @param tokenArMask - `i32[b, l]`; without it, all tokens belong to the prefix.
 * @errors `ShapeError` that names a camera which the observation lacks, or whose image has another size.
 * @source openpi `models/pi0_fast.py` `embed_inputs` (15a9616)
 */
export const embedInputs = (
  config: Pi0FastConfig,
  params: Params,
  observation: Observation,
  tokenArMask?: Expr,
): TokenSequence => {
  const [expert] = pi0FastExperts(config);
  const images = embedImages(config, params, observation);
  const none = (mask: Expr): Expr => withType(mask, ({ shape }) => constant(0, 'bool', shape));
  const { tokenizedPrompt, tokenizedPromptMask } = observation;
  const prompt = embedTokens(paramsBelow(params, 'PaliGemma/llm'), tokenizedPrompt, expert, config.computeDtype);
  const ofPrompt = tokenArMask === undefined ? none(tokenizedPromptMask) : convert(tokenArMask, 'bool');
  return {
    tokens: concatenate([...images.map(({ tokens }) => tokens), prompt], 1),
    mask: concatenate([...images.map(({ mask }) => mask), tokenizedPromptMask], 1),
    arMask: concatenate([...images.map(({ mask }) => none(mask)), ofPrompt], 1),
  };
};
