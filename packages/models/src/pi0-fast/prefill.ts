import { makeAttnMask, positionsOf } from '@torsor/nn';
import {
  add,
  concatenate,
  constant,
  convert,
  type Expr,
  expandDims,
  gather,
  ge,
  iota,
  pad,
  reduceMax,
  reduceSum,
  refused,
  rem,
  select,
  squeeze,
  sub,
  withType,
  zerosLike,
} from '@torsor/tensor';
import { type GemmaPass, gemma } from '../gemma/gemma.js';
import type { KeysValues } from '../gemma/layer.js';
import type { Observation } from '../observation.js';
import { type Params, paramsBelow } from '../params/at.js';
import { type Pi0FastConfig, pi0FastExperts } from './config.js';
import { embedInputs } from './embed.js';
import { tokenLogits } from './logits.js';
import { everyPosition } from './predict.js';
import type { DecodeOptions, DecodeState } from './state.js';

/** The tokens of cameras and prompt. */
export type Prefix = {
  /** `[b, s, d]`. */
  readonly tokens: Expr;
  /** `bool[b, s]`. */
  readonly mask: Expr;
};

/** The index of the last valid token, `i32[b]`; 0 where there is none. */
const lastValid = (mask: Expr): Expr =>
  withType(mask, ({ shape }) => {
    const index = iota('i32', shape, 1);
    return reduceMax(select(mask, index, zerosLike(index)), [1]);
  });

/** Every sample rolled to the left by its own number of tokens: `[b, s, …]`, `i32[b]`. */
const rolled = (x: Expr, by: Expr): Expr =>
  withType(x, ({ shape: [b = 0, s = 0] }) => {
    const from = rem(add(iota('i32', [b, s], 1), expandDims(by, 1)), s);
    return gather(x, from, 1, 1);
  });

/** What a prefix is computed with, and what decoding goes on from. */
type Start = {
  readonly prefix: Prefix;
  readonly pass: Pick<GemmaPass, 'positions' | 'mask' | 'cache'>;
  /** `i32[b]`, the token whose output gives the first logits. */
  readonly last: Expr;
  readonly visible: Expr;
  readonly position: Expr;
};

const blockMask = (mask: Expr): Expr => makeAttnMask(mask, zerosLike(convert(mask, 'i32')));

/** As in training: tokens stay where they are, and the first decoded one follows the last valid one. */
const consistentStart = (prefix: Prefix): Start => {
  const last = lastValid(prefix.mask);
  return {
    prefix,
    pass: { positions: everyPosition(prefix.mask), mask: blockMask(prefix.mask) },
    last,
    visible: prefix.mask,
    position: add(last, 1),
  };
};

/** Zeros for the tokens to come, which openpi's masked tokens average over. */
const emptySlots = (config: Pi0FastConfig, tokens: Expr, steps: number): KeysValues => {
  const { depth, numKvHeads, headDim } = config.paligemma;
  const zeros = withType(tokens, ({ shape: [b = 0] }) =>
    constant(0, config.computeDtype, [depth, b, steps, numKvHeads, headDim]),
  );
  return { keys: zeros, values: zeros };
};

/**
 * Every sample rolled so that its last valid token comes last; what is behind it, padding, comes first.
 *
 * @source openpi `models/pi0_fast.py` `left_to_right_align` (15a9616)
 */
export const alignRight = ({ tokens, mask }: Prefix): Prefix => {
  const by = add(lastValid(mask), 1);
  return { tokens: rolled(tokens, by), mask: rolled(mask, by) };
};

/** As openpi: aligned right, with a window of as many tokens as are valid. */
const openpiStart = (config: Pi0FastConfig, given: Prefix, steps: number): Start => {
  const prefix = alignRight(given);
  const count = reduceSum(convert(given.mask, 'i32'), [1]);
  const own = blockMask(prefix.mask);
  const index = withType(prefix.mask, ({ shape }) => iota('i32', shape, 1));
  const length = withType(prefix.mask, ({ shape: [, s = 0] }) => constant(s, 'i32'));
  return {
    prefix,
    pass: {
      positions: positionsOf(prefix.mask),
      mask: withType(own, ({ shape: [b = 0, s = 0] }) => concatenate([constant(0, 'bool', [b, s, steps]), own], 2)),
      cache: emptySlots(config, prefix.tokens, steps),
    },
    last: add(sub(length, 1), zerosLike(count)),
    visible: ge(index, expandDims(sub(length, count), 1)),
    position: add(count, 1),
  };
};

/** Keys and values with slots for the tokens to come in front, where a pass did not have them. */
const withSlots = (x: Expr, slots: number): Expr => pad(x, [0, 0, slots, 0, 0], [0, 0, 0, 0, 0]);

/**
 * A state before the first token: the keys and values of cameras and prompt, and the logits of the first token.
 *
 * @errors `ShapeError` when the number of steps is not a positive integer, or a camera is missing.
 * @source openpi `models/pi0_fast.py` `sample_actions` (15a9616)
 */
export const prefillDecoding = (
  config: Pi0FastConfig,
  params: Params,
  observation: Observation,
  { decoding = 'consistent', maxDecodingSteps }: DecodeOptions,
): DecodeState => {
  const steps = Number.isInteger(maxDecodingSteps) && maxDecodingSteps > 0 ? maxDecodingSteps : undefined;
  const embedded = embedInputs(config, params, observation);
  const tokens =
    steps === undefined
      ? refused('prefillDecoding', [], `the number of steps must be a positive integer, got ${maxDecodingSteps}`)
      : embedded.tokens;
  const prefix = { tokens, mask: embedded.mask };
  const slots = steps ?? 1;
  const start = decoding === 'openpi' ? openpiStart(config, prefix, slots) : consistentStart(prefix);
  const llm = paramsBelow(params, 'PaliGemma/llm');
  const pass = { tokens: [start.prefix.tokens], wideQueries: true, ...start.pass };
  const { outputs, cache } = gemma(llm, pi0FastExperts(config), pass, config.computeDtype);
  const [out = tokens] = outputs;
  const preLogits = squeeze(gather(out, expandDims(start.last, 1), 1, 1), 1);
  const perSample = (value: number, dtype: 'i32' | 'bool'): Expr =>
    withType(start.position, ({ shape }) => constant(value, dtype, shape));
  return {
    keys: decoding === 'openpi' ? cache.keys : withSlots(cache.keys, slots),
    values: decoding === 'openpi' ? cache.values : withSlots(cache.values, slots),
    visible: start.visible,
    position: start.position,
    logits: tokenLogits(llm, preLogits),
    step: constant(0, 'i32'),
    tokens: withType(start.position, ({ shape: [b = 0] }) => constant(0, 'i32', [b, slots])),
    lengths: perSample(0, 'i32'),
    active: perSample(1, 'bool'),
  };
};
