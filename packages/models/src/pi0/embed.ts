import { linear, posembSincos, project } from '@torsor/nn';
import {
  add,
  broadcastInDim,
  concatenate,
  constant,
  type Expr,
  expandDims,
  silu,
  sliceInDim,
  withType,
} from '@torsor/tensor';
import { embedTokens } from '../gemma/gemma.js';
import { type Params, paramsBelow } from '../params/at.js';
import { linearAt } from '../params/linear.js';
import { type Pi0Config, pi0Experts } from './config.js';
import { lengthOf, type TokenBlock } from './layout.js';
import type { Observation } from './observation.js';

/** The tokens of one camera. */
export interface ImageTokens {
  /** `[b, s, d]`. */
  readonly tokens: Expr;
  /** `bool[b]`, false where the camera is absent. */
  readonly mask: Expr;
}

const imageMask = ({ tokens, mask }: ImageTokens): Expr =>
  withType(tokens, ({ shape }) => broadcastInDim(mask, shape.slice(0, 2), [0]));

/**
 * The prefix: the tokens of every camera, then the prompt; each sees all of them.
 *
 * @param images - in camera order; empty for a policy without cameras.
 * @source openpi `models/pi0.py` `embed_prefix` (15a9616)
 */
export const embedPrefix = (
  config: Pi0Config,
  params: Params,
  observation: Observation,
  images: readonly ImageTokens[] = [],
): TokenBlock => {
  const [first] = pi0Experts(config);
  const llm = paramsBelow(params, 'PaliGemma/llm');
  const prompt = embedTokens(llm, observation.tokenizedPrompt, first, config.computeDtype);
  const tokens = concatenate([...images.map((image) => image.tokens), prompt], 1);
  return {
    tokens,
    mask: concatenate([...images.map(imageMask), observation.tokenizedPromptMask], 1),
    arMask: new Array<boolean>(lengthOf(tokens)).fill(false),
  };
};

/** The action tokens: each action mixed with the time's embedding by a two-layer network. */
const actionTokens = (params: Params, width: number, noisyActions: Expr, timeEmbedding: Expr): Expr => {
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
): TokenBlock => {
  const stateToken = expandDims(linear(linearAt(params, 'state_proj'), state), 1);
  const actions = actionTokens(params, config.actionExpert.width, noisyActions, timeEmbedding);
  const tokens = concatenate([stateToken, actions], 1);
  return {
    tokens,
    mask: withType(tokens, ({ shape }) => constant(1, 'bool', shape.slice(0, 2))),
    arMask: [true, true, ...new Array<boolean>(Math.max(lengthOf(actions) - 1, 0)).fill(false)],
  };
};

/**
 * The suffix: the state, then the noisy actions mixed with the time. The prefix does not see it, the state does not see
 * the actions.
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
): TokenBlock => embedSuffixAt(config, params, state, noisyActions, posembSincos(time, config.actionExpert.width));
