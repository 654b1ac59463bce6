import type { Expr } from '@torsor/tensor';
import { describe, expect, it } from 'vitest';
import {
  computeFastLoss,
  decodeSteps,
  type LoraForm,
  mergeLora,
  type Params,
  type Pi0FastConfig,
  prefillDecoding,
  storeFrozen,
  withoutLora,
} from '../../src/index.js';
import { expectClose } from '../pi0-fast/close.js';
import { type Inputs, randomInputs, run, tinyConfig } from '../pi0-fast/tiny.js';
import { adapters } from './adapted.js';

const everything = (config: Pi0FastConfig, params: Params, { observation }: Inputs<Expr>) => {
  const options = { maxDecodingSteps: 2 };
  const start = prefillDecoding(config, params, observation, options);
  return {
    losses: computeFastLoss(config, params, observation),
    logits: decodeSteps(config, params, start, 1, options).logits,
  };
};

describe.each<LoraForm>(['textbook', 'openpi'])('π0-FAST with adapters in the %s form', (form) => {
  const config: Pi0FastConfig = { ...tinyConfig, paligemma: { ...tinyConfig.paligemma, lora: adapters(form) } };
  const inputs = randomInputs(2, config);

  it('is the policy whose weights have scale · a · b added, in its loss and in decoding', () => {
    const merged: Pi0FastConfig = { ...config, paligemma: withoutLora(config.paligemma) };
    const found = run(inputs, (given) => everything(merged, mergeLora(given.params, [config.paligemma]), given));
    for (const [path, values] of run(inputs, (given) => everything(config, given.params, given))) {
      expectClose(path, found.get(path), values, 1e-10);
    }
  });
});

it('π0-FAST computes the same whatever its frozen parameters are held in', () => {
  const inputs = randomInputs(3);
  const held = (dtype: 'bf16' | 'f64') =>
    run({ ...inputs, params: storeFrozen(inputs.params, (path) => path.includes('llm'), dtype) }, (given) =>
      everything(tinyConfig, given.params, given),
    );
  expect(held('bf16')).toEqual(held('f64'));
});
