import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  clip,
  constant,
  type Expr,
  einsum,
  expandDims,
  gelu,
  isValid,
  layerNorm,
  literal,
  logSoftmax,
  logSumExp,
  mean,
  mul,
  oneHot,
  reduceSum,
  relu,
  rmsNorm,
  rmsNormalize,
  showShapeError,
  silu,
  sliceInDim,
  softmax,
  split,
  squeeze,
  stack,
  takeAlongLast,
  variance,
  where,
} from '../../src/index.js';
import { expectDerivative, type Multi } from '../laws/derivatives.js';
import { compute, eighths, expectNumbers, inner, numbers, tensor, tensorOf } from '../laws/evaluating.js';

const matrix = tensorOf([2, 3]);
const lists = fc.array(eighths, { minLength: 1, maxLength: 3 });

const one =
  (f: (x: Expr) => Expr): Multi =>
  (...inputs) =>
    inputs.slice(0, 1).map(f);

const error = (expr: Expr): string => (isValid(expr) ? 'accepted' : showShapeError(expr.error));

const smooth: ReadonlyArray<readonly [string, (x: Expr) => Expr]> = [
  ['gelu', gelu],
  ['silu', silu],
  ['softmax', (x) => softmax(x)],
  ['softmax over rows', (x) => softmax(x, [0])],
  ['logSoftmax', (x) => logSoftmax(x)],
  ['logSumExp', (x) => logSumExp(x)],
  ['logSumExp of all', (x) => logSumExp(x, [0, 1])],
  ['mean', (x) => mean(x)],
  ['variance', (x) => variance(x, [1])],
  ['rmsNormalize', (x) => rmsNormalize(add(mul(x, x), 0.5))],
  ['rmsNorm', (x) => rmsNorm(x, literal([1, -1, 0.5], 'f64'), 0.1)],
  ['layerNorm', (x) => layerNorm(x, literal([1, -1, 0.5], 'f64'), literal([0, 1, 2], 'f64'), 0.1)],
  ['einsum', (x) => einsum('ij,kj->ik', [x, x])],
];

it.each(smooth)('%s: derivative = central difference', (_, f) => {
  fc.assert(fc.property(matrix, lists, lists, (x, v, w) => expectDerivative(one(f), [x], v, w)));
});

describe('softmax', () => {
  it('sums to 1 and does not change when a constant is added', () => {
    fc.assert(
      fc.property(matrix, eighths, (x, c) => {
        expectNumbers(
          'Σ',
          numbers([x], (y) => reduceSum(softmax(y as Expr), [1])),
          [1, 1],
        );
        expectNumbers(
          'shifted',
          numbers([x], (y) => softmax(add(y as Expr, c))),
          numbers([x], (y) => softmax(y as Expr)),
        );
      }),
    );
  });

  it('is exp(logSoftmax) and is stable for large numbers', () => {
    const large = tensor('f64', [1, 2], [1e4, 1e4 - 1]);
    expectNumbers(
      'softmax',
      numbers([large], (x) => softmax(x as Expr)),
      [1 / (1 + Math.exp(-1)), 1 / (1 + Math.E)],
    );
    const [log = 0] = numbers([large], (x) => logSoftmax(x as Expr));
    expect(Math.exp(log)).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
  });

  it('is 0 at −∞; of only −∞ it has no value', () => {
    const minus = Number.NEGATIVE_INFINITY;
    expect(numbers([tensor('f64', [2], [0, minus])], (x) => softmax(x as Expr))).toEqual([1, 0]);
    expect(numbers([tensor('f64', [2], [minus, minus])], (x) => softmax(x as Expr))).toEqual([Number.NaN, Number.NaN]);
    expect(numbers([tensor('f64', [2], [minus, minus])], (x) => logSumExp(x as Expr))).toEqual([minus]);
  });
});

describe('statistics', () => {
  it('mean and variance by hand', () => {
    const x = tensor('f64', [2, 2], [1, 3, 5, 5]);
    expect(numbers([x], (y) => mean(y as Expr, [-1]))).toEqual([2, 5]);
    expect(numbers([x], (y) => variance(y as Expr, [1]))).toEqual([1, 0]);
    expect(numbers([x], (y) => mean(y as Expr))).toEqual([3.5]);
  });

  it('layerNorm has mean 0 and variance 1 before scale and bias; rmsNorm has mean square 1', () => {
    fc.assert(
      fc.property(
        tensorOf(
          [2, 3],
          eighths.map((x) => 10 * x),
        ),
        (x) => {
          const spread = add(constant(0, 'f64', [2, 3]), literal([0, 1, 5], 'f64'));
          const normed = numbers([x], (y) =>
            layerNorm(add(y as Expr, spread), constant(1, 'f64'), constant(0, 'f64'), 1e-30),
          );
          const rms = numbers([x], (y) => rmsNormalize(add(mul(y as Expr, y as Expr), 1), 0));
          for (const row of [0, 3]) {
            const [a, b] = [normed.slice(row, row + 3), rms.slice(row, row + 3)];
            expect(a.reduce((s, y) => s + y, 0)).toBeCloseTo(0, 6);
            expect(inner(b, b) / 3).toBeCloseTo(1, 10);
          }
        },
      ),
    );
  });

  it('rmsNorm scales by 1 + scale', () => {
    const x = tensor('f64', [2], [3, 4]);
    const [plain, scaled] = [
      numbers([x], (y) => rmsNormalize(y as Expr)),
      numbers([x], (y) => rmsNorm(y as Expr, literal([1, 0], 'f64'))),
    ];
    expect(scaled).toEqual([2 * (plain[0] ?? 0), plain[1]]);
  });
});

describe('activations', () => {
  it('relu and clip', () => {
    const x = tensor('f64', [4], [-2, -0.5, 0.5, 2]);
    expect(numbers([x], (y) => relu(y as Expr)).map((y) => y + 0)).toEqual([0, 0, 0.5, 2]);
    expect(numbers([x], (y) => clip(y as Expr, -1, 1))).toEqual([-1, -0.5, 0.5, 1]);
    expect(numbers([tensor('f64', [], [Number.NaN])], (y) => clip(y as Expr, 0, 1))).toEqual([Number.NaN]);
  });

  // Values of 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))) and x / (1 + e⁻ˣ) at 1, worked out by hand.
  it('gelu and silu at 1', () => {
    const at1 = tensor('f64', [], [1]);
    const t = Math.tanh(Math.sqrt(2 / Math.PI) * 1.044715);
    expect(numbers([at1], (x) => gelu(x as Expr))[0]).toBeCloseTo(0.5 * (1 + t), 12);
    expect(numbers([at1], (x) => silu(x as Expr))[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
  });
});

describe('indexing', () => {
  it('split is the inverse of concatenation, stack and squeeze of expandDims', () => {
    fc.assert(
      fc.property(matrix, (x) => {
        const joined = numbers([x], (y) => reduceSum(stack(split(y as Expr, 3, 1), -1), [-1]));
        expectNumbers(
          'split',
          joined,
          numbers([x], (y) => reduceSum(y as Expr, [1])).flatMap((s) => [s]),
        );
        for (const axis of [0, 1, 2, -1]) {
          expectNumbers(
            'squeeze',
            numbers([x], (y) => squeeze(expandDims(y as Expr, axis), axis)),
            x.data,
          );
        }
      }),
    );
  });

  it('refuses parts that are not equal and axes that are not 1', () => {
    const x = constant(0, 'f32', [2, 3]);
    expect(error(split(x, 2)[0] ?? x)).toContain('axis -1 does not divide into 2 equal parts');
    expect(error(squeeze(x, 0))).toContain('axis 0 has not the extent 1');
    expect(error(squeeze(x, 5))).toContain('axis 5 has not the extent 1');
    expect(error(expandDims(x, 4))).toContain('axis 4 is outside the rank 3 of the result');
    expect(error(expandDims(x, -4))).toContain('axis -4 is outside');
    expect(error(sliceInDim(x, 0, 1, 2))).toContain('axis 2 is outside the rank 2');
    expect(error(sliceInDim(x, 0, 1, -3))).toContain('axis -3 is outside the rank 2');
  });

  it('oneHot: 1 at the index, nothing for an index outside', () => {
    const indices = tensor('i32', [3], [1, 0, 7]);
    expect(numbers([indices], (i) => oneHot(i as Expr, 2))).toEqual([0, 1, 1, 0, 0, 0]);
    expect(compute([indices], (i) => oneHot(i as Expr, 2, 'bf16')).type.dtype).toBe('bf16');
  });

  it('takeAlongLast: one element of each row', () => {
    const x = tensor('f64', [2, 3], [1, 2, 3, 4, 5, 6]);
    expect(numbers([x, tensor('i32', [2], [2, 0])], (y, i) => takeAlongLast(y as Expr, i as Expr))).toEqual([3, 4]);
  });

  it('where broadcasts predicate and branches', () => {
    const predicate = tensor('bool', [2, 1], [1, 0]);
    expect(numbers([predicate, tensor('f64', [2], [5, 6])], (p, x) => where(p as Expr, x as Expr, 0))).toEqual([
      5, 6, 0, 0,
    ]);
    expect(error(where(constant(1, 'bool', [3]), constant(0, 'f32', [2]), 0))).toContain('shapes do not broadcast');
  });
});
