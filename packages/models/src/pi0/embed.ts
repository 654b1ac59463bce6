import { linear, makeAttnMask, posembSincos, positionsOf, project } from '@torsor/nn';
import {
  add,
  broadcastInDim,
  broadcastTo,
  concatenate,
  constant,
  type Expr,
  expandDims,
  literal,
  silu,
  sliceInDim,
  withType,
} from '@torsor/tensor';
import { embedTokens } from '../gemma/gemma.js';
import { type Params, paramsBelow } from '../params/at.js';
import { linearAt } from '../params/linear.js';
import { type Pi0Config, pi0Experts } from './config.js';
import type { Observation } from './observation.js';

/** Tokens of one part of the sequence. */
export interface TokenBlock {
  /** `[b, s, d]`. */
  readonly tokens: Expr;
  /** `bool[b, s]`, false for padding. */
  readonly mask: Expr;
  /** True where a token begins a block that earlier tokens do not see; one per token. */
  readonly arMask: readonly boolean[];
}

/** The tokens of one camera. */
export interface ImageTokens {
  /** `[b, s, d]`. */
  readonly tokens: Expr;
  /** `bool[b]`, false where the camera is absent. */
  readonly mask: Expr;
}

const lengthOf = (tokens: Expr): number => (tokens._tag === 'TensorExpr' ? (tokens.type.shape[1] ?? 0) : 0);

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

/** The action tokens: each action mixed with the time by a two-layer network. */
const actionTokens = (params: Params, width: number, noisyActions: Expr, time: Expr): Expr => {
  const { kernel, bias } = linearAt(params, 'action_time_mlp_in');
  // The first layer is applied to an action token beside the time's embedding; the time's half is the same for the
  // whole chunk, so it is computed once.
  const fromTime = linear({ kernel: sliceInDim(kernel, width, 2 * width, 0), bias }, posembSincos(time, width));
  const fromActions = project(linear(linearAt(params, 'action_in_proj'), noisyActions), sliceInDim(kernel, 0, width, 0));
  const hidden = silu(add(fromActions, expandDims(fromTime, 1)));
  return linear(linearAt(params, 'action_time_mlp_out'), hidden);
};

/**
 * The suffix: the state, then the noisy actions. The prefix does not see it, the state does not see the actions.
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
): TokenBlock => {
  const stateToken = expandDims(linear(linearAt(params, 'state_proj'), state), 1);
  const actions = actionTokens(params, config.actionExpert.width, noisyActions, time);
  const tokens = concatenate([stateToken, actions], 1);
  return {
    tokens,
    mask: withType(tokens, ({ shape }) => constant(1, 'bool', shape.slice(0, 2))),
    arMask: [true, true, ...new Array<boolean>(Math.max(lengthOf(actions) - 1, 0)).fill(false)],
  };
};

/** Where each token of some blocks stands and what it sees. */
export interface Layout {
  /** `i32[b, s]`. */
  readonly positions: Expr;
  /** `bool[b, s, s]`. */
  readonly mask: Expr;
}

/** Positions and attention mask of blocks that follow one another. */
export const layoutOf = (blocks: readonly TokenBlock[]): Layout => {
  const valid = concatenate(
    blocks.map(({ mask }) => mask),
    1,
  );
  const arMask = literal(
    blocks.flatMap((block) => block.arMask.map(Number)),
    'bool',
  );
  return { positions: positionsOf(valid), mask: makeAttnMask(valid, arMask) };
};

/**
 * Where the tokens of a block stand and what they see when an earlier block is cached: all of its valid tokens.
 *
 * @returns `positions i32[b, s]`, `mask bool[b, s, p + s]`.
 */
export const layoutAfter = (cached: TokenBlock, block: TokenBlock): Layout =>
  continued(cached.mask, layoutOf([block]), block.mask);
