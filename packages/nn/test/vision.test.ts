import { type Expr, sliceInDim, tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { biasedGelu, layerNormIn, posembSincos2d, selfAttention } from '../src/index.js';
import { given, largestDifference, numbersOf } from './evaluate.js';

const real = fc.double({ min: -2, max: 2, noNaN: true });
const reals = (n: number): fc.Arbitrary<number[]> => fc.array(real, { minLength: n, maxLength: n });
const tensor = (...shape: readonly number[]) => tensorType('f64', shape);

const [s, d, h, e] = [3, 4, 2, 2];
const intoHeads = [tensor(d, h, e), tensor(h, e)] as const;
const attentionTypes = [tensor(1, s, d), ...intoHeads, ...intoHeads, ...intoHeads, tensor(h, e, d), tensor(d)];
const parameters = reals(3 * (d * h * e + h * e) + h * e * d + d);

const cut = (numbers: readonly number[]): readonly (readonly number[])[] => {
  let at = 0;
  return attentionTypes.slice(1).map(({ shape }) => {
    const n = shape.reduce((a, b) => a * b, 1);
    at += n;
    return numbers.slice(at - n, at);
  });
};

const attended = (x: readonly number[], params: readonly number[]): readonly number[] =>
  numbersOf(attentionTypes, [x, ...cut(params)], (tokens, ...w) => {
    const at = (i: number) => ({ kernel: given(w[2 * i]), bias: given(w[2 * i + 1]) });
    return selfAttention({ query: at(0), key: at(1), value: at(2), out: at(3) }, given(tokens));
  });

/** The definition, head by head and token by token. */
const byHand = (x: readonly number[], params: readonly number[]): readonly number[] => {
  const [qk = [], qb = [], kk = [], kb = [], vk = [], vb = [], ok = [], ob = []] = cut(params);
  const head = (kernel: readonly number[], bias: readonly number[], t: number, n: number): readonly number[] =>
    Array.from({ length: e }, (_, j) =>
      Array.from({ length: d }, (_, i) => (x[t * d + i] ?? 0) * (kernel[(i * h + n) * e + j] ?? 0)).reduce(
        (a, b) => a + b,
        bias[n * e + j] ?? 0,
      ),
    );
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, y, i) => sum + y * (b[i] ?? 0), 0);
  const tokens = Array.from({ length: s }, (_, t) => t);
  return tokens.flatMap((t) => {
    const out = [...ob];
    for (let n = 0; n < h; n++) {
      const query = head(qk, qb, t, n);
      const weights = tokens.map((u) => Math.exp(dot(query, head(kk, kb, u, n)) / Math.sqrt(e)));
      const total = weights.reduce((a, b) => a + b, 0);
      const values = tokens.map((u) => head(vk, vb, u, n));
      for (let j = 0; j < e; j++) {
        const mixed = values.reduce((sum, value, u) => sum + ((weights[u] ?? 0) / total) * (value[j] ?? 0), 0);
        for (let i = 0; i < d; i++) out[i] = (out[i] ?? 0) + mixed * (ok[(n * e + j) * d + i] ?? 0);
      }
    }
    return out;
  });
};

describe('selfAttention', () => {
  it('permutes with its tokens', () => {
    fc.assert(
      fc.property(reals(s * d), parameters, (x, params) => {
        const rotate = (y: readonly number[]): readonly number[] => [...y.slice(d), ...y.slice(0, d)];
        expect(largestDifference(attended(rotate(x), params), rotate(attended(x, params)))).toBeLessThan(1e-11);
      }),
      { numRuns: 20 },
    );
  });

  it('is softmax(q k / √e) v in every head, joined by the map out', () => {
    fc.assert(
      fc.property(reals(s * d), parameters, (x, params) => {
        expect(largestDifference(attended(x, params), byHand(x, params))).toBeLessThan(1e-11);
      }),
      { numRuns: 20 },
    );
  });
});

describe('layerNormIn', () => {
  it('has the mean of its bias and the spread of its scale, whatever is added to a token', () => {
    fc.assert(
      fc.property(reals(8), real, (x, by) => {
        fc.pre(Math.max(...x) - Math.min(...x) > 0.1);
        const normed = (y: readonly number[]): readonly number[] =>
          numbersOf(
            [tensor(1, 8), tensor(8), tensor(8)],
            [y, new Array(8).fill(3), new Array(8).fill(0.5)],
            (t, a, b) => layerNormIn(given(t), given(a), given(b)),
          );
        const found = normed(x);
        expect(Math.abs(found.reduce((a, b) => a + b, 0) / 8 - 0.5)).toBeLessThan(1e-9);
        expect(largestDifference(normed(x.map((v) => v + by)), found)).toBeLessThan(1e-9);
      }),
    );
  });
});

describe('biasedGelu', () => {
  it('is the outer map of the gelu of the inner one', () => {
    const gelu = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    const types = [tensor(1, 1, 1), tensor(1, 1), tensor(1), tensor(1, 1), tensor(1)];
    fc.assert(
      fc.property(real, real, real, real, real, (x, w, b, v, c) => {
        const [found = Number.NaN] = numbersOf(types, [[x], [w], [b], [v], [c]], (at, ...p) =>
          biasedGelu({ kernel: given(p[0]), bias: given(p[1]) }, { kernel: given(p[2]), bias: given(p[3]) }, given(at)),
        );
        expect(Math.abs(found - (gelu(x * w + b) * v + c))).toBeLessThan(1e-12);
      }),
    );
  });
});

describe('posembSincos2d', () => {
  const rows = 3;
  const columns = 4;
  const embedded = (dim: number): readonly number[] =>
    numbersOf([], [], () => posembSincos2d([rows, columns], dim, 'f64'));
  const at = (dim: number, row: number, column: number): readonly number[] =>
    embedded(dim).slice((row * columns + column) * dim, (row * columns + column + 1) * dim);

  it('has a first half that depends on the column only, a second that depends on the row only', () => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        expect(at(8, row, column).slice(0, 4)).toEqual(at(8, 0, column).slice(0, 4));
        expect(at(8, row, column).slice(4)).toEqual(at(8, row, 0).slice(4));
      }
    }
  });

  it('is sines, then cosines, of the place times 1 … 1 / 10000', () => {
    const expected = [Math.sin(2), Math.sin(2e-4), Math.cos(2), Math.cos(2e-4)];
    const second = [Math.sin(1), Math.sin(1e-4), Math.cos(1), Math.cos(1e-4)];
    expect(largestDifference(at(8, 1, 2), [...expected, ...second])).toBeLessThan(1e-15);
  });

  it('refuses a width that is no multiple of 4 above 4', () => {
    for (const dim of [4, 6, 9]) expect(() => embedded(dim)).toThrow(/multiple of 4 above 4/);
  });

  it('is an expression like any other', () => {
    const half = (x: Expr): Expr => sliceInDim(x, 0, 2, 2);
    expect(numbersOf([], [], () => half(posembSincos2d([1, 1], 8, 'f64')))).toEqual([0, 0]);
  });
});
