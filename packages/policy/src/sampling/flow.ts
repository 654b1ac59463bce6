import type { Buffer } from '@torsor/backend';
import { actionType, type Observation, observationTypes, type Pi0Config, sampleActions } from '@torsor/models';
import { normal } from '@torsor/random';
import {
  type Expr,
  type Program,
  program,
  type ShapeError,
  type TensorType,
  tensorValue,
  toFloat64,
} from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { compileProgram, type Effect, type ExecutableOf } from '../device/compile.js';
import type { Placement } from '../device/placement.js';
import { hosted, onDevice, valued, withValues } from '../device/run.js';
import { transformError } from '../error.js';
import type { PolicyModel } from '../families/family.js';
import { recordedActions } from '../inputs/model-space.js';
import { observe, sentTypes } from '../inputs/observation.js';
import { withoutAbsent } from '../inputs/pictures.js';
import { observationTensors } from '../inputs/tensors.js';
import type { SampleRequest } from './request.js';
import type { Sampler, SamplerOptions } from './sampler.js';

/** Action chunks from noise. */
export type SampleProgram = Program<
  {
    readonly params: Tree<TensorType>;
    readonly observation: Observation<TensorType>;
    readonly noise: TensorType;
  },
  { readonly actions: Expr }
>;

/** What a program that samples is built for. */
export type SampleProgramOptions = Pick<SamplerOptions, 'params' | 'pictures' | 'batchSize' | 'numSamplingSteps'>;

/** Action chunks for a batch of observations, from noise by Euler steps. */
export const sampleProgram = (
  config: Pi0Config,
  { params, pictures, batchSize, numSamplingSteps }: SampleProgramOptions,
): E.Either<ShapeError, SampleProgram> => {
  const inputs: {
    readonly params: Tree<TensorType>;
    readonly observation: Observation<TensorType>;
    readonly noise: TensorType;
  } = {
    params,
    observation: sentTypes(pictures, observationTypes(config, batchSize), batchSize),
    noise: actionType(config, batchSize),
  };
  return program(inputs, (given) => ({
    actions: sampleActions(
      withoutAbsent(config, pictures),
      given.params,
      observe(pictures, given.observation),
      given.noise,
      numSamplingSteps,
    ),
  }));
};

/** The noise that each chunk of a batch begins as: a function of its own key alone. */
const noiseOf = ({ keys }: SampleRequest, chunk: number): Float32Array => {
  const noise = new Float32Array(keys.length * chunk);
  for (const [row, key] of keys.entries()) noise.set(normal(key, chunk), row * chunk);
  return noise;
};

/** The chunks of a batch in the model's space, `f32[b, ah, ad]`. */
const sampleNormalized = (
  placement: Placement,
  sample: ExecutableOf<SampleProgram>,
  config: Pi0Config,
  params: Tree<Buffer>,
  request: SampleRequest,
): Effect<Float32Array> => {
  const { prompts, keys } = request;
  const { actionHorizon: ah, actionDim: ad } = config;
  return pipe(
    TE.Do,
    TE.bind('observation', () => valued(observationTensors(prompts, keys.length, config))),
    TE.bind('noise', () => valued(tensorValue('f32', [keys.length, ah, ad], noiseOf(request, ah * ad)))),
    TE.flatMap((values) =>
      withValues(
        placement,
        values,
      )((buffers) =>
        pipe(
          onDevice(placement.backend.run(sample, { params, ...buffers })),
          TE.flatMap((outputs) => hosted(placement, outputs)),
        ),
      ),
    ),
    TE.map(({ actions }) => Float32Array.from(toFloat64(actions))),
  );
};

/** Compiles what samples by flow matching: chunks by Euler steps from noise. */
export const flowSampler =
  (config: Pi0Config): PolicyModel['sampler'] =>
  (options): Effect<Sampler> => {
    const { placement, meaning } = options;
    return pipe(
      compileProgram(placement, sampleProgram(config, options)),
      TE.map(
        (sample): Sampler =>
          (params, request) =>
            pipe(
              sampleNormalized(placement, sample, config, params, request),
              TE.flatMapEither((actions) =>
                E.mapLeft(transformError)(recordedActions(meaning.space, request.start, actions)),
              ),
              TE.map((actions) => ({ actions, decoded: null })),
            ),
      ),
    );
  };
