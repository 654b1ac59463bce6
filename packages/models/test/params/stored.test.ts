import { type Expr, grad, mean, type TensorValue } from '@torsor/tensor';
import { flatten } from '@torsor/tree';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeLoss, type Params, type Pi0Config, sampleActions, storeFrozen } from '../../src/index.js';
import { adapters } from '../lora/adapted.js';
import { type Inputs, randomInputs, run, tinyConfig, tinyPi05 } from '../pi0/tiny.js';

/** Losses and actions of a policy, and the gradient of what it trains: a frozen parameter's would be in bf16. */
const everything = (
  config: Pi0Config,
  inputs: Inputs<TensorValue>,
  isFrozen: (path: string) => boolean,
): ReadonlyMap<string, readonly number[]> =>
  run(inputs, ({ params, batch }) => {
    const grads = grad((p: Params) => mean(computeLoss(config, p, batch)))(params);
    return {
      losses: computeLoss(config, params, batch),
      trained: Object.fromEntries(
        flatten<Expr>(grads)
          .filter(({ path }) => !isFrozen(path))
          .map(({ path, leaf }) => [path.replaceAll('/', '.'), leaf]),
      ),
      actions: sampleActions(config, params, batch.observation, batch.noise, 1),
    };
  });

const adapted = (config: Pi0Config): Pi0Config => ({
  ...config,
  paligemma: { ...config.paligemma, lora: adapters('textbook') },
  actionExpert: { ...config.actionExpert, lora: adapters('textbook') },
});

describe.each([
  ['π0', tinyConfig],
  ['π0.5', tinyPi05],
  ['π0 with adapters', adapted(tinyConfig)],
])('a policy of %s whose frozen parameters are held in bf16', (_, config) => {
  it('computes what it does with the rounded numbers in a wide dtype', () => {
    const inputs = randomInputs(5, 2, config);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 6 }), (every, offset) => {
        // Any of the parameters may be frozen, such as the queries' weights without those of keys and values.
        const isFrozen = (path: string): boolean => (path.length + offset) % every === 0;
        const held = (dtype: 'bf16' | 'f64') =>
          everything(config, { ...inputs, params: storeFrozen(inputs.params, isFrozen, dtype) }, isFrozen);
        expect(held('bf16')).toEqual(held('f64'));
      }),
      { numRuns: 4 },
    );
  });
});
