import { key } from '@torsor/random';
import { constant, type DType, evaluate, isValid, program, type TensorValue } from '@torsor/tensor';
import { flatten } from '@torsor/tree';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  checkPi0Config,
  embedTokens,
  type GemmaInit,
  type GemmaLora,
  gemmaSpecs,
  gemmaVariants,
  initParams,
  type LoraForm,
  loraScaling,
  mergeLora,
  type Params,
  showModelError,
  typesOf,
} from '../../src/index.js';
import { adaptedConfig, adapters } from './adapted.js';

describe('loraScaling', () => {
  it('is alpha over the rank, or over its root', () => {
    const sizes = fc.record({ rank: fc.integer({ min: 1, max: 256 }), alpha: fc.integer({ min: 1, max: 256 }) });
    fc.assert(
      fc.property(sizes, ({ rank, alpha }) => {
        expect(loraScaling({ rank, alpha, rslora: false }) * rank).toBeCloseTo(alpha, 9);
        expect(loraScaling({ rank, alpha, rslora: true }) ** 2 * rank).toBeCloseTo(alpha ** 2, 6);
      }),
    );
  });

  // openpi `models/gemma.py` `get_config`: rank 16 and 32, each with as large an alpha.
  it('is 1 for the variants of openpi', () => {
    for (const [name, rank] of [
      ['gemma_2b_lora', 16],
      ['gemma_300m_lora', 32],
    ] as const) {
      const { attn, ffn } = gemmaVariants[name].lora ?? {};
      for (const adapter of [attn, ffn]) {
        expect(adapter?.rank).toBe(rank);
        expect(adapter === undefined ? undefined : loraScaling(adapter)).toBe(1);
      }
    }
  });
});

const said = (lora: GemmaLora): readonly string[] =>
  E.match(
    (errors: readonly Parameters<typeof showModelError>[0][]) => errors.map(showModelError),
    () => [],
  )(checkPi0Config(adaptedConfig(lora, undefined)));

describe('checkPi0Config', () => {
  const good = { rank: 2, alpha: 2, rslora: false };

  it('accepts adapters whose rank fits', () => {
    expect(said(adapters('textbook'))).toEqual([]);
    expect(said({ ...adapters('openpi') })).toEqual([]);
  });

  it.each([
    [{ attn: { ...good, rank: 0 } }, /attn\.rank must be a positive integer, got 0/],
    [{ attn: { ...good, rank: -3 } }, /attn\.rank must be a positive integer, got -3/],
    [{ ffn: { ...good, rank: 1.5 } }, /ffn\.rank must be a positive integer, got 1\.5/],
    [{ attn: { ...good, rank: 5 } }, /attn\.rank must be at most 4/],
    [{ ffn: { ...good, rank: 7 } }, /ffn\.rank must be at most 6/],
    [{ attn: { ...good, alpha: 0 } }, /attn\.alpha must be a positive number/],
    [{ attn: { ...good, alpha: Number.NaN } }, /attn\.alpha must be a positive number/],
    [{}, /give 'attn' or 'ffn'/],
  ] as const)('refuses %o', (lora, expected) => {
    const errors = said({ ...lora, form: 'textbook' });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(expected);
  });

  it('refuses a form that there is not', () => {
    // What a configuration file may hold.
    const form = 'texbook' as LoraForm;
    expect(said({ attn: good, form })).toEqual([
      "model.paligemma.lora.form must be 'textbook' or 'openpi', got 'texbook'",
    ]);
  });
});

describe('the factors', () => {
  // Names and shapes: openpi `models/lora.py` `Einsum`, `FeedForward` (15a9616).
  it('have the names of openpi; the last axis of a weight is the rank in a, the one before in b', () => {
    const sizes = { width: 8, depth: 3, mlpDim: 10, numHeads: 4, headDim: 6 };
    const shapes = (numKvHeads: number): Record<string, readonly number[]> => {
      const config = { ...sizes, numKvHeads, lora: adapters('openpi') };
      const specs = gemmaSpecs([{ config, adaptive: false }], 5, 'f32');
      const types = flatten(typesOf(specs)).filter(({ path }) => path.includes('lora'));
      return Object.fromEntries(types.map(({ path, leaf }) => [path.replace('layers/', ''), leaf.shape]));
    };
    const shared = {
      'attn/attn_vec_einsum/lora_a': [3, 4, 6, 2],
      'attn/attn_vec_einsum/lora_b': [3, 4, 2, 8],
      'mlp/gating_einsum_lora_a': [3, 2, 8, 3],
      'mlp/gating_einsum_lora_b': [3, 2, 3, 10],
      'mlp/linear_lora_a': [3, 10, 3],
      'mlp/linear_lora_b': [3, 3, 8],
    };
    expect(shapes(2)).toEqual({
      ...shared,
      'attn/kv_einsum/lora_a': [3, 2, 2, 8, 2],
      'attn/kv_einsum/lora_b': [3, 2, 2, 2, 6],
      'attn/q_einsum/lora_a': [3, 4, 8, 2],
      'attn/q_einsum/lora_b': [3, 4, 2, 6],
    });
    expect(shapes(4)).toEqual({
      ...shared,
      'attn/qkv_einsum/lora_a': [3, 3, 4, 8, 2],
      'attn/qkv_einsum/lora_b': [3, 3, 4, 2, 6],
    });
  });

  it('begin normally distributed, b at zero in the textbook form', () => {
    const wide = { width: 64, mlpDim: 64 };
    const factors = (form: LoraForm, which: RegExp): readonly number[] =>
      flatten(initParams({ ...adaptedConfig(adapters(form), adapters(form), wide), paramDtype: 'f32' }, key(3)))
        .filter(({ path }) => which.test(path))
        .flatMap(({ leaf }) => Array.from(leaf.data));
    const std = (values: readonly number[]): number => Math.sqrt(values.reduce((s, x) => s + x * x, 0) / values.length);
    for (const [form, which] of [
      ['openpi', /lora_[ab]$/],
      ['textbook', /lora_a$/],
    ] as const) {
      expect(std(factors(form, which)) / 0.01).toBeGreaterThan(0.95);
      expect(std(factors(form, which)) / 0.01).toBeLessThan(1.05);
    }
    expect(factors('textbook', /lora_b$/).every((x) => x === 0)).toBe(true);
  });
});

describe('gemmaSpecs', () => {
  // The fan-ins that flax computes of openpi's `lecun_normal(in_axis=(-3, -2))` and `lecun_normal(in_axis=-2, batch_axis=0)`.
  it('begins the table and the output projection as it is told to', () => {
    const config = { width: 8, depth: 1, mlpDim: 4, numHeads: 4, numKvHeads: 1, headDim: 2 };
    const initializers = (init?: GemmaInit) => {
      const specs = flatten(gemmaSpecs([{ config, adaptive: false }], 5, 'f32', init));
      return new Map(specs.map(({ path, leaf }) => [path, leaf.initializer]));
    };
    const [plain, fast] = [initializers(), initializers({ table: 'zeros', outputFanIn: 'head' })];
    expect(plain.get('layers/attn/attn_vec_einsum/w')).toEqual({ _tag: 'LecunNormal', fanIn: 8 });
    expect(fast.get('layers/attn/attn_vec_einsum/w')).toEqual({ _tag: 'LecunNormal', fanIn: 2 });
    expect(plain.get('embedder/input_embedding')).toEqual({ _tag: 'Normal', std: 0.01 });
    expect(fast.get('embedder/input_embedding')).toEqual({ _tag: 'Zeros' });
  });
});

describe('mergeLora', () => {
  it('names the weight that is missing', () => {
    const params: Params = { PaliGemma: { llm: { layers: { mlp: { linear: constant(1, 'f32', [1, 2, 2]) } } } } };
    const merged = mergeLora(params, [{ ...gemmaVariants.dummy, lora: adapters('textbook') }]);
    const [leaf] = flatten(merged);
    expect(leaf !== undefined && !isValid(leaf.leaf) ? leaf.leaf.error : undefined).toMatchObject({
      reason: expect.stringContaining('linear_lora_a'),
    });
  });
});

describe('embedTokens', () => {
  const multiplier = (
    form: LoraForm | undefined,
    dtype: 'f32' | 'bf16',
    more: { readonly width?: number; readonly frozenDtype?: DType } = {},
  ): number => {
    const { width = 2048, ...frozen } = more;
    const config = {
      ...gemmaVariants.gemma_2b,
      width,
      ...(form === undefined ? {} : { lora: { ...adapters(form), ...frozen } }),
    };
    const built = program({}, () => {
      const params = { embedder: { input_embedding: constant(1, dtype, [3, 1]) } };
      return embedTokens(params, constant(1, 'i32', [1, 1]), { config, adaptive: false }, 'f32');
    });
    const result = E.flatMap(
      (given: Extract<typeof built, { readonly _tag: 'Right' }>['right']): E.Either<unknown, TensorValue> =>
        evaluate(given, {}),
    )(built);
    return E.isRight(result) ? Number(result.right.data[0]) : Number.NaN;
  };

  // A width of 2048: √2048 = 45.2548…, 45.25 in bf16.
  it('multiplies by √d, by its rounding where openpi’s form has a narrow table', () => {
    expect(multiplier('openpi', 'bf16')).toBe(45.25);
    expect(multiplier('openpi', 'f32')).toBeCloseTo(Math.sqrt(2048), 5);
    expect(multiplier('textbook', 'bf16')).toBeCloseTo(Math.sqrt(2048), 5);
    expect(multiplier(undefined, 'bf16')).toBeCloseTo(Math.sqrt(2048), 5);
  });

  // Between 4 and 8 the numbers of bf16 are 1/32 apart, those of f16 1/256: √40 = 6.3245… = 202.38…/32 = 1619.08…/256.
  it('rounds √d with a table that is frozen in a narrow dtype, whatever it is held in', () => {
    expect(multiplier('openpi', 'f32', { width: 40, frozenDtype: 'bf16' })).toBe(202 / 32);
    expect(multiplier('openpi', 'bf16', { width: 40, frozenDtype: 'bf16' })).toBe(202 / 32);
    expect(multiplier('openpi', 'f32', { width: 40, frozenDtype: 'f16' })).toBe(1619 / 256);
    expect(multiplier('openpi', 'f32', { width: 40 })).toBeCloseTo(Math.sqrt(40), 5);
    expect(multiplier('textbook', 'f32', { width: 40, frozenDtype: 'bf16' })).toBeCloseTo(Math.sqrt(40), 5);
  });
});
