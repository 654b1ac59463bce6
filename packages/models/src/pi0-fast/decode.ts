import {
  add,
  and,
  broadcastInDim,
  concatenate,
  constant,
  convert,
  dynamicSlice,
  dynamicUpdateSlice,
  type Expr,
  eq,
  expandDims,
  iota,
  isValid,
  lt,
  not,
  reduceMin,
  refused,
  scan,
  select,
  squeeze,
  withType,
} from '@torsor/tensor';
import { embedTokens, gemma } from '../gemma/gemma.js';
import { type Params, paramsBelow } from '../params/at.js';
import { drawToken, greedy } from './choose.js';
import { type Pi0FastConfig, pi0FastExperts } from './config.js';
import { tokenLogits } from './logits.js';
import { type DecodeOptions, type DecodeState, eosToken } from './state.js';

const stepsOf = ({ tokens }: DecodeState): number => (isValid(tokens) ? (tokens.type.shape[1] ?? 0) : 0);

/** The next token of every sample. */
const nextToken = ({ logits, step }: DecodeState, { temperature = 0 }: DecodeOptions, uniforms?: Expr): Expr => {
  if (temperature === 0) return greedy(logits);
  if (!(temperature > 0 && Number.isFinite(temperature))) {
    return refused('decodeSteps', [], `the temperature must be 0 or a positive number, got ${temperature}`);
  }
  if (uniforms === undefined) {
    return refused('decodeSteps', [], 'a temperature above 0 needs uniform numbers [b, m], one per token');
  }
  const own = withType(uniforms, ({ shape: [b = 0] }) => squeeze(dynamicSlice(uniforms, [0, step], [b, 1]), 1));
  return drawToken(logits, temperature, own);
};

/** Which samples go on after a token. */
const activeAfter = (state: DecodeState, token: Expr, { decoding }: DecodeOptions): Expr => {
  const ended = eq(token, eosToken);
  const over =
    decoding === 'openpi'
      ? withType(ended, ({ shape }) =>
          convert(broadcastInDim(reduceMin(convert(ended, 'i32'), [0]), shape, []), 'bool'),
        )
      : ended;
  return and(and(state.active, not(over)), lt(add(state.step, 1), stepsOf(state)));
};

/** The tokens with one more; a sample that has ended keeps what it has. */
const withToken = ({ tokens, step, active }: DecodeState, token: Expr): Expr =>
  withType(tokens, ({ shape: [b = 0] }) => {
    const before = squeeze(dynamicSlice(tokens, [0, step], [b, 1]), 1);
    return dynamicUpdateSlice(tokens, expandDims(select(active, token, before), 1), [0, step]);
  });

/** What a fed token sees: the tokens before it, the prefix, and itself. `bool[b, 1, m + s + 1]`. */
const seenBy = ({ visible, step }: DecodeState, slots: number): Expr =>
  withType(visible, ({ shape: [b = 0] }) => {
    const earlier = broadcastInDim(lt(iota('i32', [slots], 0), step), [b, slots], [1]);
    return expandDims(concatenate([earlier, visible, constant(1, 'bool', [b, 1])], 1), 1);
  });

/** One token chosen and fed. */
const decodeStep = (
  config: Pi0FastConfig,
  params: Params,
  state: DecodeState,
  options: DecodeOptions,
  uniforms?: Expr,
): DecodeState => {
  const llm = paramsBelow(params, 'PaliGemma/llm');
  const [expert] = pi0FastExperts(config);
  const { keys, values, step, position, active, lengths } = state;
  const token = nextToken(state, options, uniforms);
  const x = embedTokens(llm, expandDims(token, 1), expert, config.computeDtype);
  const pass = {
    tokens: [x],
    positions: expandDims(add(position, step), 1),
    mask: seenBy(state, stepsOf(state)),
    cache: { keys, values },
    wideQueries: true,
    ownCache: true,
  };
  const { outputs, cache } = gemma(llm, [expert], pass, config.computeDtype);
  const [out = x] = outputs;
  const at = [0, 0, step, 0, 0];
  return {
    ...state,
    keys: dynamicUpdateSlice(keys, cache.keys, at),
    values: dynamicUpdateSlice(values, cache.values, at),
    logits: tokenLogits(llm, squeeze(out, 1)),
    step: add(step, 1),
    tokens: withToken(state, token),
    lengths: add(lengths, convert(active, 'i32')),
    active: activeAfter(state, token, options),
  };
};

/**
 * A state after some more steps. Steps after the last token change nothing that counts, so that a driver may run pieces
 * of a fixed number of steps until no sample is active.
 *
 * @param count - the number of steps.
 * @param uniforms - `[b, m]` in [0, 1), of all steps; for a temperature above 0.
 * @errors `ShapeError` when the temperature is not 0 or a positive number, or uniform numbers are missing.
 * @law in pieces equal to all at once.
 * @source openpi `models/pi0_fast.py` `sample_actions` (15a9616)
 */
export const decodeSteps = (
  config: Pi0FastConfig,
  params: Params,
  state: DecodeState,
  count: number,
  options: DecodeOptions,
  uniforms?: Expr,
): DecodeState => {
  const step = (carry: DecodeState): { readonly carry: DecodeState; readonly y: Record<never, Expr> } => ({
    carry: decodeStep(config, params, carry, options, uniforms),
    y: {},
  });
  return scan(step, state, {}, { length: count }).carry;
};
