import { key } from '@torsor/random';
import { type TensorValue, tensorType } from '@torsor/tensor';
import { flatten } from '@torsor/tree';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type InitOptions,
  initFromSpecs,
  initParams,
  initPi0FastParams,
  ParamSpec,
  paramTypes,
} from '../../src/index.js';
import { tinyConfig } from '../pi0/tiny.js';
import { tinyConfig as tinyFast } from '../pi0-fast/tiny.js';

const valueOf = (spec: ParamSpec, seed = 0, path = 'w'): TensorValue => {
  const [entry] = flatten(initFromSpecs({ [path]: spec }, key(seed)));
  if (entry === undefined) throw new Error('no parameter');
  return entry.leaf;
};

const moments = (data: ArrayLike<number>): { mean: number; std: number; largest: number } => {
  const values = Array.from(data);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance), largest: Math.max(...values.map(Math.abs)) };
};

describe('initFromSpecs', () => {
  const n = 40_000;
  // Six standard errors of the mean and of the standard deviation.
  const tolerance = 6 / Math.sqrt(n);

  it('draws LecunNormal with variance 1 / fanIn inside two standard deviations before the cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 4096 }), (seed, fanIn) => {
        const spec = new ParamSpec(tensorType('f32', [n]), { _tag: 'LecunNormal', fanIn });
        const { mean, std, largest } = moments(valueOf(spec, seed).data);
        const expected = Math.sqrt(1 / fanIn);
        expect(Math.abs(mean / expected)).toBeLessThan(tolerance);
        expect(Math.abs(std / expected - 1)).toBeLessThan(tolerance);
        // 0.8796… is the standard deviation of a standard normal cut off at ±2.
        expect(largest / expected).toBeLessThanOrEqual((2 / 0.8796256610342398) * (1 + 1e-6));
      }),
      { numRuns: 5 },
    );
  });

  it('draws Normal with its standard deviation, beyond two of them too', () => {
    const { mean, std, largest } = moments(
      valueOf(new ParamSpec(tensorType('f32', [n]), { _tag: 'Normal', std: 0.01 })).data,
    );
    expect(Math.abs(mean / 0.01)).toBeLessThan(tolerance);
    expect(Math.abs(std / 0.01 - 1)).toBeLessThan(tolerance);
    expect(largest).toBeGreaterThan(0.03);
  });

  it('draws XavierUniform with variance 2 / (fanIn + fanOut), up to its limit', () => {
    const size = fc.integer({ min: 1, max: 4096 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), size, size, (seed, fanIn, fanOut) => {
        // More than one block of draws.
        const spec = new ParamSpec(tensorType('f32', [70_000]), { _tag: 'XavierUniform', fanIn, fanOut });
        const { mean, std, largest } = moments(valueOf(spec, seed).data);
        const expected = Math.sqrt(2 / (fanIn + fanOut));
        expect(Math.abs(mean / expected)).toBeLessThan(tolerance);
        expect(Math.abs(std / expected - 1)).toBeLessThan(tolerance);
        // A uniform variable reaches √3 of its standard deviations.
        expect(largest / expected).toBeLessThanOrEqual(Math.sqrt(3) * (1 + 1e-6));
        expect(largest / expected).toBeGreaterThan(Math.sqrt(3) * (1 - 1e-3));
      }),
      { numRuns: 5 },
    );
  });

  it('gives a parameter the same values whatever others there are', () => {
    const spec = new ParamSpec(tensorType('f32', [3, 5]), { _tag: 'LecunNormal', fanIn: 3 });
    const alone = flatten(initFromSpecs({ b: { w: spec } }, key(4)));
    const among = flatten(initFromSpecs({ a: { w: spec }, b: { w: spec } }, key(4)));
    expect(among[1]).toEqual(alone[0]);
    expect(among[0]?.leaf.data).not.toEqual(alone[0]?.leaf.data);
  });

  it('draws no parameter that is not chosen', () => {
    // Larger than any memory.
    const huge = new ParamSpec(tensorType('f32', [2 ** 40, 2 ** 12]), { _tag: 'Normal', std: 1 });
    const small = new ParamSpec(tensorType('f32', [2]), { _tag: 'Normal', std: 1 });
    const drawn = initFromSpecs({ a: { w: huge }, b: { w: small, x: huge } }, key(4), {
      only: (path) => path === 'b/w',
    });
    expect(drawn).toEqual(initFromSpecs({ b: { w: small } }, key(4)));
    expect(initFromSpecs({ a: { w: huge } }, key(4), { only: () => false })).toEqual({});
  });

  it.each([
    ['initParams', (options: InitOptions) => initParams(tinyConfig, key(5), options)],
    ['initPi0FastParams', (options: InitOptions) => initPi0FastParams(tinyFast, key(5), options)],
  ])('%s gives chosen parameters the values of the whole draw', (_name, drawn) => {
    const all = flatten(drawn({}));
    fc.assert(
      fc.property(fc.subarray(all.map(({ path }) => path)), (paths) => {
        const wanted = new Set(paths);
        const some = flatten(drawn({ only: (path) => wanted.has(path) }));
        expect(some).toEqual(all.filter(({ path }) => wanted.has(path)));
      }),
      { numRuns: 20 },
    );
  });
});

describe('initParams', () => {
  it('has the types of paramTypes, in each dtype', () => {
    for (const paramDtype of ['f32', 'f64', 'bf16'] as const) {
      const config = { ...tinyConfig, paramDtype };
      const types = flatten(initParams(config, key(1))).map(({ path, leaf }) => ({ path, leaf: leaf.type }));
      expect(types).toEqual(flatten(paramTypes(config)));
    }
  });

  // Of the vision tower: openpi `models/siglip.py` (15a9616); flax's LayerNorm begins with scales of 1.
  it('begins scales, biases and the head of the vision tower at a constant, and nothing else', () => {
    const constantOf = (path: string): number | undefined => {
      if (path.startsWith('PaliGemma/img/') && path.endsWith('/scale')) return 1;
      if (/MlpBlock_0.*bias$/.test(path)) return undefined;
      return /((scale|bias)$|img\/head\/kernel$)/.test(path) ? 0 : undefined;
    };
    for (const { path, leaf } of flatten(initParams(tinyConfig, key(1)))) {
      const [first] = leaf.data;
      const found = leaf.data.every((x) => x === first) ? first : undefined;
      expect(found, path).toBe(constantOf(path));
    }
  });
});
