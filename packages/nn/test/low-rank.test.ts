import { broadcastTo, type Expr, matmul, mul, reduceSum, tensorType, transpose } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowRank, lowRankFromHeads, lowRankToHeads, project } from '../src/index.js';
import { given, largestDifference, numbersOf } from './evaluate.js';

const [b, s, h, d, e, r] = [2, 3, 4, 5, 6, 2];
const size = (shape: readonly number[]): number => shape.reduce((x, y) => x * y, 1);

/** Both expressions of `x`, `a` and `b` at the same random numbers. */
const expectEqual = (
  shapes: readonly [readonly number[], readonly number[], readonly number[]],
  found: (x: Expr, a: Expr, b: Expr, scale: number) => Expr,
  wanted: (x: Expr, a: Expr, b: Expr, scale: number) => Expr,
): void => {
  const real = fc.double({ min: -3, max: 3, noNaN: true });
  const numbers = shapes.map((shape) => fc.array(real, { minLength: size(shape), maxLength: size(shape) }));
  fc.assert(
    fc.property(fc.tuple(...numbers), fc.constantFrom(1, 0.5, -3), (values, scale) => {
      const of = (f: typeof found): readonly number[] =>
        numbersOf(
          shapes.map((shape) => tensorType('f64', shape)),
          values,
          (x, a, b) => f(given(x), given(a), given(b), scale),
        );
      expect(largestDifference(of(found), of(wanted))).toBeLessThan(1e-10);
    }),
    { numRuns: 20 },
  );
};

describe('a product of low rank', () => {
  it('is the projection by scale · a · b', () => {
    expectEqual(
      [
        [b, s, d],
        [d, r],
        [r, e],
      ],
      (x, a, b, scale) => lowRank({ a, b, scale }, x),
      (x, a, b, scale) => project(x, mul(matmul(a, b), scale)),
    );
  });

  it('to heads is that of each head', () => {
    expectEqual(
      [
        [b, s, d],
        [h, d, r],
        [h, r, e],
      ],
      (x, a, b, scale) => lowRankToHeads({ a, b, scale }, x),
      (x, a, b, scale) => project(x, transpose(mul(matmul(a, b), scale), [1, 0, 2])),
    );
  });

  it('from heads is the sum of those of all heads', () => {
    expectEqual(
      [
        [b, s, h, e],
        [h, e, r],
        [h, r, d],
      ],
      (x, a, b, scale) => lowRankFromHeads({ a, b, scale }, x),
      (x, a, b, scale) =>
        reduceSum(matmul(transpose(x, [0, 2, 1, 3]), broadcastTo(mul(matmul(a, b), scale), [2, h, e, d])), [1]),
    );
  });
});
