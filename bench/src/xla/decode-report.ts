import { initPi0FastParams, pi0FastParamTypes, prefillProgram, stepsProgram } from '@torsor/models';
import { key } from '@torsor/random';
import { sizeOf, toFloat64 } from '@torsor/tensor';
import { leaves } from '@torsor/tree';
import { built, done, openBackend, putTree } from './device.js';
import { peakMemory, sinceProcessStart } from './procfs.js';
import { type FastSizes, fastSizesOf } from './sizes.js';
import type { DecodeTask } from './task.js';
import { timesOf } from './timing.js';
import { observationOf } from './values.js';

/** Tokens that one run decodes before the driver looks whether all samples have ended. */
const tokensPerRun = 16;

/** Decodes an answer of one sample as a driver does: prefix once, then some tokens at a time. */
const decoderOf = async ({ policy, decodingSteps }: FastSizes): Promise<() => Promise<number>> => {
  const backend = await done(openBackend('xla', null));
  const types = pi0FastParamTypes(policy);
  const options = { maxDecodingSteps: decodingSteps };
  const prefill = await done(backend.compile(built(prefillProgram(policy, types, 1, options))));
  const steps = await done(backend.compile(built(stepsProgram(policy, types, 1, tokensPerRun, options))));
  const params = await putTree(backend, initPi0FastParams(policy, key(0)));
  return async () => {
    const observation = await putTree(backend, observationOf(policy, 1));
    let state = await done(backend.run(prefill, { params, observation }));
    for (let step = 0; step < decodingSteps; step += tokensPerRun) {
      state = await done(backend.run(steps, { params, state, random: {} }, { donate: ['state'] }));
      if (!(await done(backend.get(state.active))).data.some((active) => active !== 0)) break;
    }
    await done(backend.get(state.tokens));
    const [length] = toFloat64(await done(backend.get(state.lengths)));
    await done(backend.release([...leaves(observation), ...leaves(state)]));
    return length ?? 0;
  };
};

/** What decoding at batch 1 took; the names are those of the peer's report. */
export const decodeReport = async ({ config, samples }: DecodeTask): Promise<object> => {
  const sizes = fastSizesOf(config);
  const decode = await decoderOf(sizes);
  const length = await decode();
  if (length < sizes.decodingSteps) {
    throw new Error(`the policy ended its answer after ${length} tokens: tokens per second would be of fewer steps`);
  }
  const first = sinceProcessStart() / 1000;
  const params = leaves(pi0FastParamTypes(sizes.policy)).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const times = await timesOf(samples, async () => {
    await decode();
  });
  return { config, params, first_step_from_process_start_s: first, sample_b1_s: times, peak_rss_mb: peakMemory() };
};
