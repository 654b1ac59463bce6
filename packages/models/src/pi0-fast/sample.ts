import { convert, type Expr } from '@torsor/tensor';
import type { Observation } from '../observation.js';
import type { Params } from '../params/at.js';
import type { Pi0FastConfig } from './config.js';
import { decodeSteps } from './decode.js';
import { prefillDecoding } from './prefill.js';
import type { DecodeOptions } from './state.js';

/** Decoded tokens. */
export type SampledTokens<A = Expr> = {
  /** `[b, m]`, each sample's tokens, then 0: `i32`, or `f32` as openpi's where decoding is `openpi`. */
  readonly tokens: A;
  /** `i32[b]`, how many there are, the end of sequence included. */
  readonly lengths: A;
};

/**
 * All tokens of an observation in one expression, which always computes the maximum number of steps. A driver that stops
 * early calls `prefillDecoding` once and `decodeSteps` until no sample is active.
 *
 * @param observation - its prompt ends where the decoded tokens begin.
 * @param uniforms - `[b, m]` in [0, 1), for a temperature above 0.
 * @law `consistent`: the logits behind every token are those of `predictLogits` for the prompt followed by the tokens.
 * @source openpi `models/pi0_fast.py` `sample_actions` (15a9616)
 */
export const sampleTokens = (
  config: Pi0FastConfig,
  params: Params,
  observation: Observation,
  options: DecodeOptions,
  uniforms?: Expr,
): SampledTokens => {
  const start = prefillDecoding(config, params, observation, options);
  const { tokens, lengths } = decodeSteps(config, params, start, options.maxDecodingSteps, options, uniforms);
  return { tokens: options.decoding === 'openpi' ? convert(tokens, 'f32') : tokens, lengths };
};
