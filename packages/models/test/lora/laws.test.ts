import type { TensorValue } from '@torsor/tensor';
import { flatten, unflatten } from '@torsor/tree';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { computeLoss, type LoraForm, mergeLora, type Pi0Config, withoutLora } from '../../src/index.js';
import { changed, type Inputs, randomInputs, runOne } from '../pi0/tiny.js';
import { adaptedConfig, adapters } from './adapted.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const forms: readonly LoraForm[] = ['textbook', 'openpi'];
const heads = [
  ['grouped heads', {}],
  ['as many keys as queries', { numKvHeads: 4 }],
] as const;

const check = (law: (seed: number) => void): void => fc.assert(fc.property(seeds, law), { numRuns: 3 });

const lossOf = (config: Pi0Config, inputs: Inputs<TensorValue>): readonly number[] =>
  runOne(inputs, ({ params, batch }) => computeLoss(config, params, batch));

const base = (config: Pi0Config): Pi0Config => ({
  ...config,
  paligemma: withoutLora(config.paligemma),
  actionExpert: withoutLora(config.actionExpert),
});

const isAdapter = (path: string): boolean => path.includes('lora');

/** Inputs of the policy without adapters: the others' numbers stay. */
const withoutAdapters = (inputs: Inputs<TensorValue>): Inputs<TensorValue> => {
  const kept = unflatten(flatten(inputs.params).filter(({ path }) => !isAdapter(path)));
  if (E.isLeft(kept)) throw new Error('not a tree');
  return { ...inputs, params: kept.right };
};

const expectClose = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  for (const [i, x] of actual.entries()) expect(Math.abs(x - (expected[i] ?? Number.NaN)) / scale).toBeLessThan(1e-11);
};

const zeroed = (inputs: Inputs<TensorValue>, factor: RegExp): Inputs<TensorValue> =>
  changed(
    inputs,
    (path) => factor.test(path),
    ({ data }) => Array.from(data, () => 0),
  );

describe.each(forms)('the %s form', (form) => {
  describe.each(heads)('with %s', (_, sizes) => {
    const config = adaptedConfig(adapters(form), adapters(form), sizes);

    it('adds nothing while a factor is zero', () => {
      check((seed) => {
        const inputs = randomInputs(seed, 2, config);
        const expected = lossOf(base(config), withoutAdapters(inputs));
        expect(lossOf(config, zeroed(inputs, /lora_a$/))).toEqual(expected);
        expect(lossOf(config, zeroed(inputs, /lora_b$/))).toEqual(expected);
        expect(lossOf(config, inputs)).not.toEqual(expected);
      });
    });

    it('is the model whose weights have scale · a · b added', () => {
      check((seed) => {
        const inputs = randomInputs(seed, 2, config);
        const merged = runOne(inputs, ({ params, batch }) => {
          const weights = mergeLora(params, [config.paligemma, config.actionExpert]);
          return computeLoss(base(config), weights, batch);
        });
        expectClose(merged, lossOf(config, inputs));
      });
    });
  });

  it('adapts one expert alone, of π0.5 too', () => {
    check((seed) => {
      const first = adaptedConfig(adapters(form), undefined);
      const second = adaptedConfig(undefined, adapters(form));
      for (const config of [first, second, { ...second, pi05: true }]) {
        const inputs = randomInputs(seed, 2, config);
        const merged = runOne(inputs, ({ params, batch }) =>
          computeLoss(base(config), mergeLora(params, [config.paligemma, config.actionExpert]), batch),
        );
        expectClose(merged, lossOf(config, inputs));
      }
    });
  });
});

describe('the forms', () => {
  const adapter = { rank: 2, alpha: 2, rslora: false };
  const lora = (form: LoraForm) => ({ attn: adapter, ffn: adapter, form });

  it('agree for one head and a scale of 1', () => {
    check((seed) => {
      const [textbook, openpi] = forms.map((form) =>
        adaptedConfig(lora(form), lora(form), { numHeads: 1, numKvHeads: 1 }),
      );
      if (textbook === undefined || openpi === undefined) throw new Error('two forms');
      const inputs = randomInputs(seed, 2, textbook);
      expectClose(lossOf(textbook, inputs), lossOf(openpi, inputs));
    });
  });

  it('differ where heads are several, and where feed-forward adapters are scaled', () => {
    const differ = (of: (form: LoraForm) => Pi0Config): void => {
      const inputs = randomInputs(1, 2, of('textbook'));
      expect(lossOf(of('textbook'), inputs)).not.toEqual(lossOf(of('openpi'), inputs));
    };
    differ((form) => adaptedConfig({ attn: adapter, form }, undefined));
    differ((form) => adaptedConfig({ ffn: { ...adapter, alpha: 3 }, form }, undefined));
  });
});
