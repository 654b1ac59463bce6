import type { Buffer, Executable } from '@torsor/backend';
import {
  type DecodeOptions,
  type DecodeState,
  eosToken,
  observationTypes,
  type Pi0FastConfig,
  type PrefillInputs,
  prefillDecoding,
  type StepsInputs,
  stepsProgram,
} from '@torsor/models';
import { uniform } from '@torsor/random';
import { program, type TensorType, type TensorValue, tensorValue, toFloat64 } from '@torsor/tensor';
import { extractActions, showTokenizerError } from '@torsor/tokenizer';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { compileProgram, type Effect } from '../device/compile.js';
import type { Placement } from '../device/placement.js';
import { hosted, onDevice, valued, withValues } from '../device/run.js';
import { defect, transformError } from '../error.js';
import type { PolicyModel } from '../families/family.js';
import { recordedActions } from '../inputs/model-space.js';
import { type AbsentCameras, observe, sentTypes, withBlack } from '../inputs/observation.js';
import { observationTensors } from '../inputs/tensors.js';
import type { DecodedChunk } from './decoded.js';
import type { SampleRequest } from './request.js';
import type { Chunks, Meaning, Sampler, SamplerOptions } from './sampler.js';

type Steps = Executable<StepsInputs<TensorType>, DecodeState>;

/** How tokens are decoded. */
export type DecodingSettings = Required<Pick<DecodeOptions, 'decoding' | 'maxDecodingSteps'>> & {
  /** Of the chunks after the first; the first is greedy. */
  readonly temperature: number;
  readonly absentCameras: AbsentCameras;
};

/** Chunks as tokens, written one after another. */
type Decoder = {
  readonly prefill: Executable<PrefillInputs<TensorType>, DecodeState>;
  /** Some steps, each token the most likely. */
  readonly greedy: Steps;
  /** Some steps, each token drawn; `null` where the temperature is 0, or one chunk is asked for. */
  readonly drawn: Steps | null;
};

/** Tokens between two looks at whether all samples have ended. */
const atOnce = 16;

const compileDecoder = (
  config: Pi0FastConfig,
  { decoding, maxDecodingSteps, temperature, absentCameras }: DecodingSettings,
  { placement, params, pictures, batchSize, severalDraws }: SamplerOptions,
): Effect<Decoder> => {
  const options: DecodeOptions = { decoding, maxDecodingSteps };
  const count = Math.min(atOnce, maxDecodingSteps);
  const steps = (more: DecodeOptions): Effect<Steps> =>
    compileProgram(placement, stepsProgram(config, params, batchSize, count, more));
  const observation = sentTypes(pictures, observationTypes(config, batchSize), batchSize);
  const given: PrefillInputs<TensorType> = { params, observation };
  const prefill = program(given, (inputs) =>
    prefillDecoding(
      config,
      inputs.params,
      withBlack(pictures, observe(pictures, inputs.observation), absentCameras),
      options,
    ),
  );
  return pipe(
    TE.Do,
    TE.bind('prefill', () => compileProgram(placement, prefill)),
    TE.bind('greedy', () => steps(options)),
    TE.bind(
      'drawn',
      (): Effect<Steps | null> =>
        temperature === 0 || !severalDraws ? TE.right(null) : steps({ ...options, temperature }),
    ),
  );
};

type Random = StepsInputs<TensorValue>['random'];

const randomOf = ({ drawn }: Decoder, m: number, { keys, draw }: SampleRequest): Effect<Random> => {
  if (draw === 0 || drawn === null) return TE.right({});
  const numbers = new Float32Array(keys.length * m);
  for (const [row, key] of keys.entries()) numbers.set(uniform(key, m), row * m);
  return pipe(
    valued(tensorValue('f32', [keys.length, m], numbers)),
    TE.map((uniforms) => ({ uniforms })),
  );
};

/** Whether a sample goes on. */
const goesOn = ({ backend }: Placement, { active }: DecodeState<Buffer>): Effect<boolean> =>
  pipe(
    onDevice(backend.get(active)),
    TE.map((flags) => toFloat64(flags).some((flag) => flag !== 0)),
  );

const decode = (
  placement: Placement,
  steps: Steps,
  given: { readonly params: Tree<Buffer>; readonly random: StepsInputs<Buffer>['random'] },
  first: DecodeState<Buffer>,
): Effect<DecodeState<Buffer>> => {
  const more = (state: DecodeState<Buffer>): Effect<DecodeState<Buffer>> =>
    pipe(
      goesOn(placement, state),
      TE.flatMap((on) =>
        on
          ? pipe(
              onDevice(placement.backend.run(steps, { ...given, state }, { donate: ['state'] })),
              // At most as often as there are steps, so that the nesting stays shallow.
              TE.flatMap((next) => more(next as DecodeState<Buffer>)),
            )
          : TE.right(state),
      ),
    );
  return more(first);
};

/** Tokens of each sample, the end of the sequence not included, and how many were decoded. */
type WrittenTokens = { readonly tokens: readonly number[]; readonly length: number };

const written = (tokens: Float64Array, lengths: Float64Array): readonly WrittenTokens[] => {
  const width = tokens.length / lengths.length;
  return Array.from(lengths, (length, row) => {
    const all = Array.from(tokens.subarray(row * width, row * width + length));
    return { tokens: all.filter((token) => token !== eosToken), length };
  });
};

/** The tokens that a policy writes for each sample of a batch: the most likely ones in the first draw, else drawn ones. */
const decodeTokens = (
  placement: Placement,
  decoder: Decoder,
  sizes: PolicyModel['sizes'],
  maxDecodingSteps: number,
  params: Tree<Buffer>,
  request: SampleRequest,
): Effect<readonly WrittenTokens[]> => {
  const { keys, prompts } = request;
  const { prefill, greedy, drawn } = decoder;
  const steps = request.draw === 0 ? greedy : (drawn ?? greedy);
  return pipe(
    TE.Do,
    TE.bind('observation', () => valued(observationTensors(prompts, keys.length, sizes))),
    TE.bind('random', () => randomOf(decoder, maxDecodingSteps, request)),
    TE.flatMap((values) =>
      withValues(
        placement,
        values,
      )(({ observation, random }) =>
        pipe(
          onDevice(placement.backend.run(prefill, { params, observation })),
          TE.flatMap((first) => decode(placement, steps, { params, random }, first as DecodeState<Buffer>)),
          TE.flatMap((last) => hosted(placement, last)),
        ),
      ),
    ),
    TE.map(({ tokens, lengths }) => written(toFloat64(tokens), toFloat64(lengths))),
  );
};

/**
 * Normalized actions of written tokens; of tokens that are no actions, zeros, which openpi would execute, and the reason.
 */
const actionsOf = (
  { text, actions: codec }: NonNullable<Meaning['tokenizers']>,
  shape: readonly [ah: number, n: number],
  chunks: readonly WrittenTokens[],
): { readonly actions: Float32Array; readonly decoded: readonly DecodedChunk[] } => {
  const extract = extractActions(text, codec, shape);
  const size = shape[0] * shape[1];
  const actions = new Float32Array(chunks.length * size);
  const decoded = chunks.map(({ tokens, length }, row): DecodedChunk => {
    const found = extract(tokens);
    if (E.isLeft(found)) return { tokens: length, failure: showTokenizerError(found.left) };
    actions.set(found.right.data, row * size);
    return { tokens: length, failure: null };
  });
  return { actions, decoded };
};

/** Compiles what decodes tokens, and gives the actions that they are. */
export const tokenSampler =
  (config: Pi0FastConfig, settings: DecodingSettings): PolicyModel['sampler'] =>
  (options): Effect<Sampler> => {
    const { placement, meaning } = options;
    const { space, tokenizers } = meaning;
    if (tokenizers === null) return TE.left(defect('a policy that writes tokens was given no tokenizer for them'));
    return pipe(
      compileDecoder(config, settings, options),
      TE.map(
        (decoder): Sampler =>
          (params, request): Effect<Chunks> => {
            const shape = [request.start.actionHorizon, request.start.actionDim] as const;
            return pipe(
              decodeTokens(placement, decoder, config, settings.maxDecodingSteps, params, request),
              TE.map((chunks) => actionsOf(tokenizers, shape, chunks)),
              TE.flatMapEither(({ actions, decoded }) =>
                E.bimap(
                  transformError,
                  (absolute: Float32Array): Chunks => ({ actions: absolute, decoded }),
                )(recordedActions(space, request.start, actions)),
              ),
            );
          },
      ),
    );
  };
