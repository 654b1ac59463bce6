import {
  concatenate,
  type Expr,
  reduceSum,
  reshape,
  sin,
  sizeOf,
  tensorType,
  valueAndGrad,
  withType,
} from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AttentionOptions, attention, maskBias } from '../src/index.js';
import { given, largestDifference, numbersOf } from './evaluate.js';

const real = fc.double({ min: -3, max: 3, noNaN: true });
const reals = (n: number): fc.Arbitrary<readonly number[]> => fc.array(real, { minLength: n, maxLength: n });
const bools = (n: number): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.integer({ min: 0, max: 1 }), { minLength: n, maxLength: n });

type Case = {
  readonly sizes: {
    readonly b: number;
    readonly t: number;
    readonly s: number;
    readonly groups: number;
    readonly perGroup: number;
    readonly e: number;
  };
  readonly q: readonly number[];
  readonly k: readonly number[];
  readonly v: readonly number[];
  readonly mask: readonly number[];
};

const small = fc.integer({ min: 1, max: 3 });
const cases: fc.Arbitrary<Case> = fc
  .record({ b: small, t: small, s: small, groups: small, perGroup: small, e: small })
  .chain((sizes) => {
    const { b, t, s, groups, perGroup, e } = sizes;
    return fc.record({
      sizes: fc.constant(sizes),
      q: reals(b * t * groups * perGroup * e),
      k: reals(b * s * groups * e),
      v: reals(b * s * groups * e),
      mask: bools(b * t * s),
    });
  });

/** The definition, one query head at a time; a row without a key is uniform. */
const attendByHand = ({ sizes: { b, t, s, groups, perGroup, e }, q, k, v, mask }: Case): readonly number[] => {
  const heads = groups * perGroup;
  const out: number[] = [];
  for (let row = 0; row < b * t * heads; row++) {
    const [sample, query, head] = [Math.floor(row / (t * heads)), Math.floor(row / heads) % t, row % heads];
    const keyAt = (key: number): number => ((sample * s + key) * groups + Math.floor(head / perGroup)) * e;
    const scores = Array.from({ length: s }, (_, key) => {
      const dot = Array.from({ length: e }, (_, i) => (q[row * e + i] ?? 0) * (k[keyAt(key) + i] ?? 0));
      return mask[(sample * t + query) * s + key] === 1 ? dot.reduce((x, y) => x + y, 0) : Number.NEGATIVE_INFINITY;
    });
    const largest = Math.max(...scores);
    const weights = scores.map((score) => (largest === Number.NEGATIVE_INFINITY ? 1 : Math.exp(score - largest)));
    const total = weights.reduce((x, y) => x + y, 0);
    for (let i = 0; i < e; i++) {
      out.push(weights.reduce((sum, weight, key) => sum + (weight / total) * (v[keyAt(key) + i] ?? 0), 0));
    }
  }
  return out;
};

describe('attention', () => {
  it('is softmax attention, query head n reading key-value head n ÷ (h / k)', () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { b, t, s, groups, perGroup, e } = c.sizes;
        const types = [
          tensorType('f64', [b, t, groups * perGroup, e]),
          tensorType('f64', [b, s, groups, e]),
          tensorType('f64', [b, s, groups, e]),
          tensorType('bool', [b, t, s]),
        ];
        const found = numbersOf(types, [c.q, c.k, c.v, c.mask], (q, k, v, mask) =>
          attention(given(q), given(k), given(v), maskBias(given(mask), 'f64')),
        );
        expect(largestDifference(found, attendByHand(c))).toBeLessThan(1e-12);
      }),
    );
  });

  it('is the same, and so is its gradient, however many scores are held at once', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 30 }), (c, scoresAtOnce) => {
        const { b, t, s, groups, perGroup, e } = c.sizes;
        const types = [
          tensorType('f64', [b, t, groups * perGroup, e]),
          tensorType('f64', [b, s, groups, e]),
          tensorType('f64', [b, s, groups, e]),
          tensorType('bool', [b, t, s]),
        ];
        const found = (options: AttentionOptions): readonly number[] =>
          numbersOf(types, [c.q, c.k, c.v, c.mask], (q, k, v, mask) => {
            const bias = maskBias(given(mask), 'f64');
            const { value, grads } = valueAndGrad((at: { q: Expr; k: Expr; v: Expr }) =>
              reduceSum(sin(attention(at.q, at.k, at.v, bias, options)), [0, 1, 2, 3]),
            )({ q: given(q), k: given(k), v: given(v) });
            const flat = [value, grads.q, grads.k, grads.v].map((x) =>
              withType(x, ({ shape }) => reshape(x, [sizeOf(shape)])),
            );
            return concatenate(flat, 0);
          });
        expect(largestDifference(found({ scoresAtOnce }), found({}))).toBeLessThan(1e-12);
      }),
    );
  });

  it('refuses key-value heads that do not divide the query heads', () => {
    const types = [
      tensorType('f64', [1, 1, 3, 2]),
      tensorType('f64', [1, 1, 2, 2]),
      tensorType('f64', [1, 1, 2, 2]),
      tensorType('f64', [1, 1, 1]),
    ];
    expect(() => numbersOf(types, [], (q, k, v, bias) => attention(given(q), given(k), given(v), given(bias)))).toThrow(
      /2 key-value heads do not divide 3 query heads/,
    );
  });
});
