import { foldIn, key, normal, uniform } from '@torsor/random';
import {
  type Expr,
  fromFloat64,
  mean,
  type Remat,
  sizeOf,
  square,
  type TensorValue,
  tensorType,
  valueAndGrad,
} from '@torsor/tensor';
import { flatten, map, type Tree } from '@torsor/tree';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Params, type SiglipConfig, siglip, siglipSpecs, typesOf } from '../../src/index.js';
import { evaluated } from './evaluated.js';

const tiny: SiglipConfig = { width: 8, depth: 2, mlpDim: 7, numHeads: 2, patchSize: 2, posemb: 'learn' };
const size = [4, 6] as const;
const tokens = 6;

type Inputs = {
  readonly params: Tree<TensorValue>;
  readonly image: TensorValue;
};

const inputsOf = (seed: number, config = tiny): Inputs => {
  let i = 0;
  return {
    params: map(typesOf(siglipSpecs(config, size, 5, 'f64')), (type) =>
      fromFloat64(
        type,
        normal(foldIn(key(seed), i++), sizeOf(type.shape)).map((x) => 0.5 * x),
      ),
    ),
    image: fromFloat64(tensorType('f64', [2, ...size, 3]), uniform(foldIn(key(seed), 1000), 2 * 4 * 6 * 3, -1, 1)),
  };
};

const tower =
  (config = tiny, remat?: Remat) =>
  ({ params, image }: { readonly params: Params; readonly image: Expr }): Expr =>
    siglip(params, config, image, { compute: 'f64', remat });

const largest = (a: readonly number[], b: readonly number[]): number => {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN))));
};

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const check = (law: (seed: number) => void): void => fc.assert(fc.property(seeds, law), { numRuns: 4 });

describe('siglip', () => {
  it('gives one token per patch, each sample from itself only', () => {
    check((seed) => {
      const { params, image } = inputsOf(seed);
      const before = evaluated({ params, image }, tower());
      expect(before.length).toBe(2 * tokens * 5);
      const half = image.data.length / 2;
      const swapped = fromFloat64(image.type, [...image.data.subarray(half), ...image.data.subarray(0, half)]);
      const after = evaluated({ params, image: swapped }, tower());
      expect(largest(after, [...before.slice(tokens * 5), ...before.slice(0, tokens * 5)])).toBeLessThan(1e-12);
    });
  });

  it('is the same under scan as written out, and so is its gradient', () => {
    check((seed) => {
      const inputs = inputsOf(seed);
      const derivative =
        (remat?: Remat) =>
        ({ params, image }: { readonly params: Params; readonly image: Expr }) =>
          valueAndGrad((at: Params) => mean(square(tower(tiny, remat)({ params: at, image }))))(params);
      const expected = evaluated(inputs, derivative());
      const scale = Math.max(1, ...expected.map(Math.abs));
      for (const remat of ['carry', 'dots', 'none'] as const) {
        expect(largest(evaluated(inputs, derivative(remat)), expected)).toBeLessThan(1e-12 * scale);
      }
    });
  });

  it('moves its tokens with the patches when positions are the same everywhere', () => {
    check((seed) => {
      const { params, image } = inputsOf(seed);
      const flat = map<TensorValue, TensorValue>(params, (value, path) =>
        path === 'pos_embedding' ? fromFloat64(value.type, new Float64Array(sizeOf(value.type.shape))) : value,
      );
      // The upper row of patches below the lower one: two rows of pixels each.
      const rows = (y: number, b: number): readonly number[] => {
        const start = (b * 4 + y) * 6 * 3;
        return Array.from(image.data.subarray(start, start + 2 * 6 * 3));
      };
      const turned = fromFloat64(
        image.type,
        [0, 1].flatMap((b) => [...rows(2, b), ...rows(0, b)]),
      );
      const before = evaluated({ params: flat, image }, tower());
      const after = evaluated({ params: flat, image: turned }, tower());
      const half = (tokens / 2) * 5;
      const expected = [0, 1].flatMap((b) => {
        const own = before.slice(2 * b * half, 2 * (b + 1) * half);
        return [...own.slice(half), ...own.slice(0, half)];
      });
      expect(largest(after, expected)).toBeLessThan(1e-12);
    });
  });

  it('with sine-cosine positions has no parameter for them', () => {
    const config: SiglipConfig = { ...tiny, posemb: 'sincos2d' };
    const paths = flatten(siglipSpecs(config, size, 5, 'f64')).map(({ path }) => path);
    expect(paths).not.toContain('pos_embedding');
    expect(evaluated(inputsOf(1, config), tower(config)).every(Number.isFinite)).toBe(true);
  });

  it('refuses an image of another size, rank, number of channels or dtype, and says what it expects', () => {
    const { params } = inputsOf(1);
    const refused = (dtype: 'f64' | 'i32', shape: readonly number[], message: RegExp): void => {
      const image = fromFloat64(tensorType(dtype, shape), new Float64Array(sizeOf(shape)));
      expect(() => evaluated({ params, image }, tower())).toThrow(message);
    };
    refused('f64', [2, 5, 6, 3], /multiples of the patch size 2/);
    refused('f64', [4, 6, 3], /\[b, h, w, 3\]/);
    refused('f64', [2, 4, 6, 4], /\[b, h, w, 3\]/);
    refused('i32', [2, 4, 6, 3], /divide bytes by 255/);
  });
});
