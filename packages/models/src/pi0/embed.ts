import { linear, posembSincos, project } from '@torsor/nn';
import { add, concatenate, constant, type Expr, expandDims, silu, sliceInDim, withType } from '@torsor/tensor';
import { embedTokens } from '../gemma/gemma.js';
import type { Observation } from '../observation.js';
import { type Params, paramsBelow } from '../params/at.js';
import { linearAt } from '../params/linear.js';
import { embedImages } from '../siglip/cameras.js';
import { type Pi0Config, pi0Experts } from './config.js';
import { lengthOf, type TokenBlock } from './layout.js';

/** The tokens of the action expert. */
export type SuffixBlock = TokenBlock & {
  /** `[b, d]`, what modulates the action expert's normalizations: π0.5's time. */
  readonly condition?: Expr;
};

/**
 * The prefix: the tokens of every camera, then the prompt; each sees all of them. The tokens of an absent camera are
 * computed and masked.
 *
 * @errors `ShapeError` that names a camera which the observation lacks, or whose image has another size.
 * @source openpi `models/pi0.py` `embed_prefix` (15a9616)
 */
export const embedPrefix = (config: Pi0Config, params: Params, observation: Observation): TokenBlock => {
  const [first] = pi0Experts(config);
  const llm = paramsBelow(params, 'PaliGemma/llm');
  const images = embedImages(config, params, observation);
  const prompt = embedTokens(llm, observation.tokenizedPrompt, first, config.computeDtype);
  const tokens = concatenate([...images.map((image) => image.tokens), prompt], 1);
  return {
    tokens,
    mask: concatenate([...images.map(({ mask }) => mask), observation.tokenizedPromptMask], 1),
    arMask: new Array<boolean>(lengthOf(tokens)).fill(false),
  };
};

/** π0's action tokens: each action mixed with the time's embedding by a two-layer network. */
const mixedWithTime = (params: Params, width: number, noisyActions: Expr, timeEmbedding: Expr): Expr => {
  const { kernel, bias } = linearAt(params, 'action_time_mlp_in');
  // The first layer reads an action token beside the time's embedding; the time's half is the same for the whole chunk,
  // so it is computed once.
  const fromTime = linear({ kernel: sliceInDim(kernel, width, 2 * width, 0), bias }, timeEmbedding);
  const fromActions = project(
    linear(linearAt(params, 'action_in_proj'), noisyActions),
    sliceInDim(kernel, 0, width, 0),
  );
  const hidden = silu(add(fromActions, expandDims(fromTime, 1)));
  return linear(linearAt(params, 'action_time_mlp_out'), hidden);
};

/** π0.5's condition: the time's embedding through a two-layer network. */
const timeCondition = (params: Params, timeEmbedding: Expr): Expr => {
  const hidden = silu(linear(linearAt(params, 'time_mlp_in'), timeEmbedding));
  return silu(linear(linearAt(params, 'time_mlp_out'), hidden));
};

/** Tokens that are never padding, the first ones of the groups that `begins` marks. */
const blockOf = (tokens: Expr, begins: readonly boolean[]): TokenBlock => ({
  tokens,
  mask: withType(tokens, ({ shape }) => constant(1, 'bool', shape.slice(0, 2))),
  arMask: [...begins, ...new Array<boolean>(Math.max(lengthOf(tokens) - begins.length, 0)).fill(false)],
});

/**
 * The suffix for a time that is embedded already; see {@link embedSuffix}.
 *
 * @param timeEmbedding - `[b, d]`, d the width of the action expert.
 */
export const embedSuffixAt = (
  config: Pi0Config,
  params: Params,
  state: Expr,
  noisyActions: Expr,
  timeEmbedding: Expr,
): SuffixBlock => {
  if (config.pi05) {
    const actions = linear(linearAt(params, 'action_in_proj'), noisyActions);
    return { ...blockOf(actions, [true]), condition: timeCondition(params, timeEmbedding) };
  }
  const stateToken = expandDims(linear(linearAt(params, 'state_proj'), state), 1);
  const actions = mixedWithTime(params, config.actionExpert.width, noisyActions, timeEmbedding);
  return blockOf(concatenate([stateToken, actions], 1), [true, true]);
};

/**
 * The suffix. In π0: the state, then the noisy actions mixed with the time; the prefix does not see it, the state does
 * not see the actions. In π0.5: the noisy actions, and the time as the condition of the normalizations; `state` is not
 * read. All of it in the wide dtype, however the transformer computes.
 *
 * @param state - `[b, ad]`.
 * @param noisyActions - `[b, ah, ad]`.
 * @param time - `[b]`.
 * @source openpi `models/pi0.py` `embed_suffix` (15a9616)
 */
export const embedSuffix = (
  config: Pi0Config,
  params: Params,
  state: Expr,
  noisyActions: Expr,
  time: Expr,
): SuffixBlock => embedSuffixAt(config, params, state, noisyActions, posembSincos(time, config.actionExpert.width));
