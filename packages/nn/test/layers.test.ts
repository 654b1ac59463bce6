import { type Expr, mul, reduceSum, tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adaptiveNorm,
  gatedGelu,
  gemmaNorm,
  linear,
  makeAttnMask,
  posembSincos,
  positionsOf,
  rope,
  ropeTable,
} from '../src/index.js';
import { given, largestDifference, numbersOf } from './evaluate.js';

const real = fc.double({ min: -3, max: 3, noNaN: true });
const reals = (n: number): fc.Arbitrary<number[]> => fc.array(real, { minLength: n, maxLength: n });
const vector = (n: number) => tensorType('f64', [n]);

describe('rope', () => {
  const rotated = (x: readonly number[], position: number): readonly number[] =>
    numbersOf([tensorType('f64', [1, 1, 1, 4]), tensorType('i32', [1, 1])], [x, [position]], (v, p) =>
      rope(given(v), ropeTable(given(p), 4, 'f64')),
    );
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

  it('makes the product of two vectors depend on the difference of their positions', () => {
    const position = fc.integer({ min: -1, max: 900 });
    fc.assert(
      fc.property(reals(4), reals(4), position, position, fc.integer({ min: 0, max: 50 }), (a, b, p, q, by) => {
        const here = dot(rotated(a, p), rotated(b, q));
        const there = dot(rotated(a, p + by), rotated(b, q + by));
        expect(Math.abs(here - there)).toBeLessThan(1e-9);
      }),
    );
  });

  it('turns pair (x_i, x_{i + e/2}) by position / 10000^(2i/e)', () => {
    const [c, s] = [Math.cos(3), Math.sin(3)];
    const [c1, s1] = [Math.cos(0.03), Math.sin(0.03)];
    // With e = 4 the second pair turns 10000^(1/2) = 100 times slower.
    expect(largestDifference(rotated([1, 1, 0, 0], 3), [c, c1, s, s1])).toBeLessThan(1e-15);
    expect(largestDifference(rotated([0, 0, 1, 1], 3), [-s, -s1, c, c1])).toBeLessThan(1e-15);
  });
});

describe('makeAttnMask', () => {
  const flags = (n: number): fc.Arbitrary<number[]> =>
    fc.array(fc.integer({ min: 0, max: 1 }), { minLength: n, maxLength: n });

  it('lets a valid token see the valid ones of its own block and of earlier blocks, per sample or shared', () => {
    fc.assert(
      fc.property(flags(6), flags(6), (valid, starts) => {
        const types = [tensorType('bool', [1, 6]), tensorType('bool', [1, 6])];
        const found = numbersOf(types, [valid, starts], (v, a) => makeAttnMask(given(v), given(a)));
        const shared = [tensorType('bool', [1, 6]), tensorType('bool', [6])];
        expect(numbersOf(shared, [valid, starts], (v, a) => makeAttnMask(given(v), given(a)))).toEqual(found);
        const blockOf = (i: number): number => starts.slice(0, i + 1).reduce((a, b) => a + b, 0);
        const expected = Array.from({ length: 36 }, (_, at) => {
          const [query, key] = [Math.floor(at / 6), at % 6];
          return valid[query] === 1 && valid[key] === 1 && blockOf(key) <= blockOf(query) ? 1 : 0;
        });
        expect(found).toEqual(expected);
      }),
    );
  });

  it('counts positions over valid tokens', () => {
    const found = numbersOf([tensorType('bool', [1, 5])], [[0, 1, 0, 1, 1]], (mask) => positionsOf(given(mask)));
    expect(found).toEqual([-1, 0, 0, 1, 2]);
  });
});

describe('posembSincos', () => {
  it('is sin, then cos, of 2π x / period with periods from 4e-3 to 4', () => {
    const found = numbersOf([vector(1)], [[0.7]], (x) => posembSincos(given(x), 4));
    const angles = [4e-3, 4].map((period) => (2 * Math.PI * 0.7) / period);
    expect(largestDifference(found, [...angles.map(Math.sin), ...angles.map(Math.cos)])).toBeLessThan(1e-12);
  });

  it('refuses an odd dimension', () => {
    expect(() => numbersOf([vector(1)], [[0]], (x) => posembSincos(given(x), 3))).toThrow(/must be even, got 3/);
  });
});

describe('norms', () => {
  it('adaptive with zero modulation is the plain norm with zero scale, and its gate is zero', () => {
    fc.assert(
      fc.property(reals(12), reals(4), (x, condition) => {
        const types = [tensorType('f64', [2, 2, 3]), tensorType('f64', [2, 2])];
        const zero = [tensorType('f64', [2, 9]), vector(9), vector(3)];
        const zeros = [new Array<number>(18).fill(0), new Array<number>(9).fill(0), [0, 0, 0]];
        const of = (pick: (normed: { plain: Expr; adaptive: Expr; gate: Expr }) => Expr): readonly number[] =>
          numbersOf([...types, ...zero], [x, condition, ...zeros], (v, c, kernel, bias, scale) => {
            const adaptive = adaptiveNorm(given(v), { kernel: given(kernel), bias: given(bias) }, given(c));
            return pick({
              plain: gemmaNorm(given(v), given(scale)).y,
              adaptive: adaptive.y,
              gate: given(adaptive.gate),
            });
          });
        expect(
          largestDifference(
            of(({ adaptive }) => adaptive),
            of(({ plain }) => plain),
          ),
        ).toBe(0);
        expect(of(({ gate }) => gate).every((g) => g === 0)).toBe(true);
      }),
    );
  });
});

describe('linear and gatedGelu', () => {
  it('are affine and zero at zero', () => {
    const affine = numbersOf(
      [tensorType('f64', [1, 2]), tensorType('f64', [2, 3]), vector(3)],
      [
        [1, 2],
        [1, 2, 3, 4, 5, 6],
        [10, 20, 30],
      ],
      (x, kernel, bias) => linear({ kernel: given(kernel), bias: given(bias) }, given(x)),
    );
    expect(affine).toEqual([19, 32, 45]);
    const gated = numbersOf(
      [tensorType('f64', [1, 1, 1]), tensorType('f64', [2, 1, 2]), tensorType('f64', [2, 1])],
      [[2], [100, 0, 3, 5], [1, 1]],
      (x, gating, out) => gatedGelu({ gating: given(gating), linear: given(out) }, given(x)),
    );
    // gelu(200) = 200 in float64 and gelu(0) = 0, so 200 · 6 + 0 · 10.
    expect(gated).toEqual([1200]);
  });

  it('convert parameters to the dtype of the tokens', () => {
    const found = numbersOf(
      [tensorType('f64', [1, 1]), tensorType('f32', [1, 1]), tensorType('f32', [1])],
      [[1 / 3], [3], [0]],
      (x, kernel, bias) => reduceSum(mul(linear({ kernel: given(kernel), bias: given(bias) }, given(x)), 1)),
    );
    expect(found).toEqual([1]);
  });
});
