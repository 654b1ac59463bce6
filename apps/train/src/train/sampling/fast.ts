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
import type { Tree } from '@torsor/tree';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../../config/schema.js';
import { compiled, type Opening } from '../compiled.js';
import { observationTensors } from '../input-tensors.js';
import type { Placed } from '../placed.js';
import type { Recipe } from '../programs.js';
import { seen, sentTypes, withBlack } from '../seeing.js';
import { type Effect, hosted, onDevice, valued, withValues } from './on-device.js';
import type { Request } from './request.js';

type Steps = Executable<StepsInputs<TensorType>, DecodeState>;

/** Chunks as tokens, written one after another. */
export type FastSampler = {
  readonly _tag: 'Fast';
  readonly prefill: Executable<PrefillInputs<TensorType>, DecodeState>;
  /** Some steps, each token the most likely. */
  readonly greedy: Steps;
  /** Some steps, each token drawn; `null` where the temperature is 0. */
  readonly drawn: Steps | null;
  readonly maxDecodingSteps: number;
};

/** Tokens between two looks at whether all samples have ended. */
const atOnce = 16;

/** Compiles what decodes tokens. */
export const openFastSampler = (
  placed: Placed,
  { model, batchSize, evalSamples }: TrainConfig,
  policy: Pi0FastConfig,
  { params, pictures }: Recipe,
): Opening<FastSampler> => {
  const { decoding, maxDecodingSteps, temperature } =
    model.kind === 'pi0-fast' ? model : { decoding: 'consistent' as const, maxDecodingSteps: 256, temperature: 0 };
  const options: DecodeOptions = { decoding, maxDecodingSteps };
  const count = Math.min(atOnce, maxDecodingSteps);
  const steps = (more: DecodeOptions): Opening<Steps> =>
    compiled(placed, stepsProgram(policy, params, batchSize, count, more));
  const observation = sentTypes(pictures, observationTypes(policy, batchSize), batchSize);
  const given: PrefillInputs<TensorType> = { params, observation };
  const prefill = program(given, (inputs) =>
    prefillDecoding(policy, inputs.params, withBlack(pictures, seen(pictures, inputs.observation)), options),
  );
  return pipe(
    TE.Do,
    TE.bind('prefill', () => compiled(placed, prefill)),
    TE.bind('greedy', () => steps(options)),
    TE.bind(
      'drawn',
      (): Opening<Steps | null> =>
        temperature === 0 || evalSamples === 1 ? TE.right(null) : steps({ ...options, temperature }),
    ),
    TE.map((programs) => ({ _tag: 'Fast', ...programs, maxDecodingSteps })),
  );
};

type Random = StepsInputs<TensorValue>['random'];

const randomOf = (sampler: FastSampler, { keys, draw }: Request): Effect<Random> => {
  const { maxDecodingSteps: m, drawn } = sampler;
  if (draw === 0 || drawn === null) return TE.right({});
  const numbers = new Float32Array(keys.length * m);
  for (const [row, key] of keys.entries()) numbers.set(uniform(key, m), row * m);
  return pipe(
    valued(tensorValue('f32', [keys.length, m], numbers)),
    TE.map((uniforms) => ({ uniforms })),
  );
};

/** Whether a sample goes on. */
const goesOn = ({ backend }: Placed, { active }: DecodeState<Buffer>): Effect<boolean> =>
  pipe(
    onDevice(backend.get(active)),
    TE.map((flags) => toFloat64(flags).some((flag) => flag !== 0)),
  );

const decode = (
  placed: Placed,
  steps: Steps,
  given: { readonly params: Tree<Buffer>; readonly random: StepsInputs<Buffer>['random'] },
  first: DecodeState<Buffer>,
): Effect<DecodeState<Buffer>> => {
  const more = (state: DecodeState<Buffer>): Effect<DecodeState<Buffer>> =>
    pipe(
      goesOn(placed, state),
      TE.flatMap((on) =>
        on
          ? pipe(
              onDevice(placed.backend.run(steps, { ...given, state }, { donate: ['state'] })),
              // At most as often as there are steps, so that the nesting stays shallow.
              TE.flatMap((next) => more(next as DecodeState<Buffer>)),
            )
          : TE.right(state),
      ),
    );
  return more(first);
};

/** Tokens of each sample, the end of the sequence not included, and how many were decoded. */
export type WrittenTokens = { readonly tokens: readonly number[]; readonly length: number };

const written = (tokens: Float64Array, lengths: Float64Array): readonly WrittenTokens[] => {
  const width = tokens.length / lengths.length;
  return Array.from(lengths, (length, row) => {
    const all = Array.from(tokens.subarray(row * width, row * width + length));
    return { tokens: all.filter((token) => token !== eosToken), length };
  });
};

/** The tokens that a policy writes for each sample of a batch: the most likely ones in the first draw, else drawn ones. */
export const decodeTokens = (
  placed: Placed,
  sampler: FastSampler,
  params: Tree<Buffer>,
  request: Request,
): Effect<readonly WrittenTokens[]> => {
  const { keys, model, prompts } = request;
  const { prefill, greedy, drawn } = sampler;
  const steps = request.draw === 0 ? greedy : (drawn ?? greedy);
  return pipe(
    TE.Do,
    TE.bind('observation', () => valued(observationTensors(prompts, keys.length, model))),
    TE.bind('random', () => randomOf(sampler, request)),
    TE.flatMap((values) =>
      withValues(
        placed,
        values,
      )(({ observation, random }) =>
        pipe(
          onDevice(placed.backend.run(prefill, { params, observation })),
          TE.flatMap((first) => decode(placed, steps, { params, random }, first as DecodeState<Buffer>)),
          TE.flatMap((last) => hosted(placed, last)),
        ),
      ),
    ),
    TE.map(({ tokens, lengths }) => written(toFloat64(tokens), toFloat64(lengths))),
  );
};
