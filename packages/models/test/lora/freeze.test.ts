import { grad, mean, type TensorType, type TensorValue, toFloat64 } from '@torsor/tensor';
import { flatten, map, paths, type Tree, unflatten } from '@torsor/tree';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  computeLoss,
  freezeFilter,
  type Params,
  type Pi0Config,
  paramTypes,
  storedTypes,
  storeFrozen,
} from '../../src/index.js';
import { randomInputs, run } from '../pi0/tiny.js';
import { adaptedConfig, adapters } from './adapted.js';

const lora = adapters('textbook');
const both = adaptedConfig(lora, lora);

const parts = (config: Pi0Config): { readonly frozen: readonly string[]; readonly trained: readonly string[] } => {
  const isFrozen = freezeFilter(config);
  const all = paths(paramTypes(config));
  return {
    frozen: all.filter((path) => isFrozen?.(path) === true),
    trained: all.filter((path) => isFrozen?.(path) !== true),
  };
};

const ofExpert = (path: string): boolean => /_1(\/|$)/.test(path.replace(/_lora_[ab]$/, ''));

describe('freezeFilter', () => {
  it('is absent without adapters', () => {
    expect(freezeFilter(adaptedConfig(undefined, undefined))).toBeUndefined();
  });

  it('freezes the language model but its adapters when both experts have some', () => {
    const { frozen, trained } = parts(both);
    expect(frozen).toEqual(paths(paramTypes(both)).filter((p) => p.includes('/llm/') && !p.includes('lora')));
    expect(trained.some((path) => path.includes('lora'))).toBe(true);
    expect(frozen).toContain('PaliGemma/llm/embedder/input_embedding');
    expect(trained).toContain('action_in_proj/kernel');
  });

  it('freezes the one expert that has adapters, the other is trained', () => {
    const first = parts(adaptedConfig(lora, undefined));
    expect(first.frozen.some(ofExpert)).toBe(false);
    expect(first.trained.filter((p) => p.includes('/llm/') && !p.includes('lora')).every(ofExpert)).toBe(true);
    const second = parts(adaptedConfig(undefined, lora));
    expect(second.frozen.every(ofExpert)).toBe(true);
    expect(second.trained).toContain('PaliGemma/llm/embedder/input_embedding');
  });

  it('freezes what modulates the normalizations of an expert with adapters', () => {
    const { frozen, trained } = parts({ ...both, pi05: true });
    expect(frozen).toContain('PaliGemma/llm/layers/pre_ffw_norm_1/Dense_0/kernel');
    expect(frozen).toContain('PaliGemma/llm/final_norm_1/Dense_0/bias');
    expect(trained).toContain('time_mlp_in/kernel');
  });

  it('of a policy without action expert freezes its one expert', () => {
    const isFrozen = freezeFilter({ paligemma: both.paligemma });
    expect(isFrozen?.('PaliGemma/llm/layers/mlp/linear')).toBe(true);
    expect(isFrozen?.('PaliGemma/llm/layers/mlp/linear_lora_a')).toBe(false);
    expect(isFrozen?.('PaliGemma/img/head/kernel')).toBe(false);
  });

  it('leaves a gradient for every trained parameter, and for no other', () => {
    const isFrozen = freezeFilter(both);
    const inputs = randomInputs(3, 2, both);
    const grads = run(inputs, ({ params, batch }) => {
      const trained = unflatten(flatten(params).filter(({ path }) => isFrozen?.(path) !== true));
      if (E.isLeft(trained)) throw new Error('not a tree');
      const loss = (part: Params) => {
        const given = new Map(flatten(part).map(({ path, leaf }) => [path, leaf]));
        return mean(
          computeLoss(
            both,
            map(params, (leaf, path) => given.get(path) ?? leaf),
            batch,
          ),
        );
      };
      return grad(loss)(trained.right);
    });
    expect([...grads.keys()].sort()).toEqual([...parts(both).trained].sort());
    for (const values of grads.values()) expect(values.some((x) => x !== 0)).toBe(true);
  });
});

const typesOf = (values: Tree<TensorValue>): Tree<TensorType> => map(values, ({ type }) => type);
const numbersOf = (values: Tree<TensorValue>): readonly (readonly number[])[] =>
  flatten(values).map(({ leaf }) => Array.from(toFloat64(leaf)));

describe('storeFrozen', () => {
  const { params } = randomInputs(1, 1, { ...both, paramDtype: 'f32' });
  const some = fc.constantFrom(/mlp/, /attn/, /embedder/, /^(?!x)/, /kernel$/);

  it('types what it stores as storedTypes does, and leaves the rest the same values', () => {
    fc.assert(
      fc.property(some, (pattern) => {
        const isFrozen = (path: string): boolean => pattern.test(path);
        const stored = storeFrozen(params, isFrozen);
        expect(typesOf(stored)).toEqual(storedTypes(paramTypes({ ...both, paramDtype: 'f32' }), isFrozen));
        const before = new Map(flatten(params).map(({ path, leaf }) => [path, leaf]));
        for (const { path, leaf } of flatten(stored)) if (!isFrozen(path)) expect(leaf).toBe(before.get(path));
      }),
    );
  });

  it('rounds to 8 significant bits, ties to even, once, in whatever dtype', () => {
    const all = (): boolean => true;
    const narrow = storeFrozen(params, all);
    for (const held of ['f32', 'f64'] as const) {
      const wide = storeFrozen(params, all, held);
      expect(typesOf(wide)).toEqual(storedTypes(typesOf(params), all, held));
      expect(numbersOf(wide)).toEqual(numbersOf(narrow));
      expect(numbersOf(storeFrozen(wide, all))).toEqual(numbersOf(narrow));
    }
    const rounded = numbersOf(narrow).flat();
    for (const [i, x] of numbersOf(params).flat().entries()) {
      const spacing = 2 ** (Math.floor(Math.log2(Math.abs(x))) - 7);
      expect(Math.abs((rounded[i] ?? Number.NaN) - x)).toBeLessThanOrEqual(spacing / 2);
    }
  });
});
