import { add, broadcastTo, type Expr, literal, mul, refused, scan, withType } from '@torsor/tensor';
import { gemma } from '../gemma/gemma.js';
import type { KeysValues } from '../gemma/layer.js';
import type { Observation } from '../observation.js';
import { type Params, paramsBelow } from '../params/at.js';
import { type Pi0Config, pi0Experts } from './config.js';
import { embedPrefix, embedSuffix } from './embed.js';
import { velocityOf } from './flow.js';
import { layoutAfter, layoutOf, type TokenBlock } from './layout.js';

/** A prefix with the keys and values that the first expert computed for it, once for all Euler steps. */
type CachedPrefix = {
  readonly block: TokenBlock;
  readonly cache: KeysValues;
};

const cachePrefix = (config: Pi0Config, params: Params, block: TokenBlock): CachedPrefix => {
  const pass = { tokens: [block.tokens, undefined], ...layoutOf([block]) };
  const llm = paramsBelow(params, 'PaliGemma/llm');
  return { block, cache: gemma(llm, pi0Experts(config), pass, config.computeDtype).cache };
};

/** v(x, t) given a prefix. */
const velocity = (config: Pi0Config, params: Params, prefix: CachedPrefix, state: Expr, x: Expr, time: Expr): Expr => {
  const suffix = embedSuffix(config, params, state, x, time);
  const pass = {
    tokens: [undefined, suffix.tokens],
    conditions: [undefined, suffix.condition],
    ...layoutAfter(prefix.block, suffix),
    cache: prefix.cache,
  };
  const output = gemma(paramsBelow(params, 'PaliGemma/llm'), pi0Experts(config), pass, config.computeDtype);
  return velocityOf(params, output, x);
};

/** 1, 1 − 1/n, …: openpi adds up the steps in float32, and so does this. */
const eulerTimes = (numSteps: number): readonly number[] => {
  const dt = Math.fround(-1 / numSteps);
  const times = [1];
  for (let i = 1; i < numSteps; i++) times.push(Math.fround((times[i - 1] ?? 1) + dt));
  return times;
};

/**
 * Actions for an observation: noise at t = 1 carried to t = 0 along the predicted velocity by `numSteps` Euler steps.
 * The prefix is computed once.
 *
 * @param noise - `[b, ah, ad]`, ε ~ N(0, I).
 * @param numSteps - at least 1; openpi takes 10.
 * @returns `[b, ah, ad]`, normalized and padded as the training actions were.
 * @errors an invalid expression when `numSteps` is not a positive integer.
 * @source openpi `models/pi0.py` `sample_actions` (15a9616)
 */
export const sampleActions = (
  config: Pi0Config,
  params: Params,
  observation: Observation,
  noise: Expr,
  numSteps: number,
): Expr =>
  withType(noise, (type) => {
    if (!Number.isInteger(numSteps) || numSteps < 1) {
      return refused('sampleActions', [type], `the number of steps must be a positive integer, got ${numSteps}`);
    }
    const prefix = cachePrefix(config, params, embedPrefix(config, params, observation));
    const step = (x: Expr, t: Expr): { readonly carry: Expr; readonly y: Record<never, Expr> } => {
      const time = broadcastTo(t, type.shape.slice(0, 1));
      return { carry: add(x, mul(velocity(config, params, prefix, observation.state, x, time), -1 / numSteps)), y: {} };
    };
    return scan(step, noise, literal(eulerTimes(numSteps), type.dtype)).carry;
  });
