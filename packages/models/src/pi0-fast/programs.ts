import { type Program, program, type ShapeError, type TensorType, tensorType } from '@torsor/tensor';
import { flatten, type Tree } from '@torsor/tree';
import type { Either } from 'fp-ts/lib/Either.js';
import { type Observation, observationTypes } from '../observation.js';
import type { Pi0FastConfig } from './config.js';
import { decodeSteps } from './decode.js';
import { prefillDecoding } from './prefill.js';
import { type DecodeOptions, type DecodeState, decodeStateTypes } from './state.js';

/** What a program of decoding is given before its first token. */
export type PrefillInputs<A> = { readonly params: Tree<A>; readonly observation: Observation<A> };

/** What a program of some steps is given. */
export type StepsInputs<A> = {
  readonly params: Tree<A>;
  readonly state: DecodeState<A>;
  /** `uniforms`, `f32[b, m]` in [0, 1), for a temperature above 0; empty for temperature 0. */
  readonly random: { readonly uniforms?: A };
};

const tableDType = (config: Pi0FastConfig, params: Tree<TensorType>): TensorType['dtype'] =>
  flatten(params).find(({ path }) => path.endsWith('embedder/input_embedding'))?.leaf.dtype ?? config.paramDtype;

/**
 * The program that reads an observation: parameters and observation to the first state.
 *
 * @param params - the types that the parameters are stored in.
 */
export const prefillProgram = (
  config: Pi0FastConfig,
  params: Tree<TensorType>,
  batch: number,
  options: DecodeOptions,
): Either<ShapeError, Program<PrefillInputs<TensorType>, DecodeState>> =>
  program({ params, observation: observationTypes(config, batch) }, (inputs) =>
    prefillDecoding(config, inputs.params, inputs.observation, options),
  );

/**
 * The program of some steps: parameters, a state and random numbers to a later state of the same types. A driver runs it
 * with donated state until no sample is active.
 *
 * @param params - the types that the parameters are stored in.
 * @param count - the number of steps of one run.
 */
export const stepsProgram = (
  config: Pi0FastConfig,
  params: Tree<TensorType>,
  batch: number,
  count: number,
  options: DecodeOptions,
): Either<ShapeError, Program<StepsInputs<TensorType>, DecodeState>> => {
  const { temperature = 0, maxDecodingSteps } = options;
  const random = temperature === 0 ? {} : { uniforms: tensorType('f32', [batch, maxDecodingSteps]) };
  const state = decodeStateTypes(config, batch, options, tableDType(config, params));
  return program({ params, state, random }, (inputs) =>
    decodeSteps(config, inputs.params, inputs.state, count, options, inputs.random.uniforms),
  );
};
