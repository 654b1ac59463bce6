import type { Buffer } from '@torsor/backend';
import type { Pi0Config } from '@torsor/models';
import { normal } from '@torsor/random';
import { tensorValue, toFloat64 } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../../config/schema.js';
import { compiled, type ExecutableOf, type Opening } from '../compiled.js';
import { observationTensors } from '../input-tensors.js';
import type { Placed } from '../placed.js';
import { type Recipe, type SampleProgram, sampleProgram } from '../programs.js';
import { type Effect, hosted, onDevice, valued, withValues } from './on-device.js';
import type { Request } from './request.js';

/** Chunks by Euler steps from noise. */
export type FlowSampler = { readonly _tag: 'Flow'; readonly sample: ExecutableOf<SampleProgram> };

/** Compiles what samples by flow matching. */
export const openFlowSampler = (
  placed: Placed,
  { batchSize, numSamplingSteps }: TrainConfig,
  policy: Pi0Config,
  recipe: Recipe,
): Opening<FlowSampler> =>
  pipe(
    compiled(placed, sampleProgram(recipe, policy, batchSize, numSamplingSteps)),
    TE.map((sample) => ({ _tag: 'Flow', sample })),
  );

/** The noise that each chunk of a batch begins as: a function of its own key alone. */
const noiseOf = ({ keys, model }: Request): Float32Array => {
  const chunk = model.actionHorizon * model.actionDim;
  const noise = new Float32Array(keys.length * chunk);
  for (const [row, key] of keys.entries()) noise.set(normal(key, chunk), row * chunk);
  return noise;
};

/** The chunks of a batch in the model's space, `f32[b, ah, ad]`. */
export const sampleFlow = (
  placed: Placed,
  { sample }: FlowSampler,
  params: Tree<Buffer>,
  request: Request,
): Effect<Float32Array> => {
  const { prompts, keys, model } = request;
  const type = [keys.length, model.actionHorizon, model.actionDim] as const;
  return pipe(
    TE.Do,
    TE.bind('observation', () => valued(observationTensors(prompts, keys.length, model))),
    TE.bind('noise', () => valued(tensorValue('f32', type, noiseOf(request)))),
    TE.flatMap((values) =>
      withValues(
        placed,
        values,
      )((buffers) =>
        pipe(
          onDevice(placed.backend.run(sample, { params, ...buffers })),
          TE.flatMap((outputs) => hosted(placed, outputs)),
        ),
      ),
    ),
    TE.map(({ actions }) => Float32Array.from(toFloat64(actions))),
  );
};
