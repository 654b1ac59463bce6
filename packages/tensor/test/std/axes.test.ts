import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Expr,
  einsum,
  expandDims,
  isValid,
  layerNorm,
  literal,
  logSoftmax,
  reshape,
  rmsNormalize,
  showShapeError,
  softmax,
  split,
  squeeze,
  stack,
} from '../../src/index.js';
import { compute, expectNumbers, numbers, tensorOf } from '../laws/evaluating.js';

const cube = tensorOf([2, 2, 3]);

const error = (expr: Expr): string => (isValid(expr) ? 'accepted' : showShapeError(expr.error));

const shapeOf = (expr: Expr): readonly number[] => (isValid(expr) ? expr.type.shape : expect.fail(error(expr)));

const overLast: ReadonlyArray<readonly [string, (x: Expr) => Expr]> = [
  ['softmax', (x) => softmax(x)],
  ['logSoftmax', (x) => logSoftmax(x)],
  ['rmsNormalize', (x) => rmsNormalize(x, 0.5)],
  ['layerNorm', (x) => layerNorm(x, literal([1, -1, 0.5], 'f64'), literal([0, 1, 2], 'f64'), 0.5)],
];

describe('functions over the last axis', () => {
  it.each(overLast)('%s of a tensor of three axes is that of its rows', (name, f) => {
    fc.assert(
      fc.property(cube, (x) => {
        const ofRows = numbers([x], (y) => f(reshape(y as Expr, [4, 3])));
        expectNumbers(
          name,
          numbers([x], (y) => f(y as Expr)),
          ofRows,
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe('parts', () => {
  it('of two rows each are those rows, counted from either end of the shape', () => {
    fc.assert(
      fc.property(tensorOf([4, 3]), (x) => {
        for (const axis of [0, -2]) {
          const second = numbers([x], (y) => split(y as Expr, 2, axis)[1] ?? (y as Expr));
          expectNumbers(`along ${axis}`, second, x.data.slice(6));
        }
        const columns = numbers([x], (y) => split(y as Expr, 3, -1)[2] ?? (y as Expr));
        expectNumbers(
          'columns',
          columns,
          [2, 5, 8, 11].map((i) => x.data[i] ?? Number.NaN),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('lose the axis that squeeze names, no other of the same extent', () => {
    fc.assert(
      fc.property(tensorOf([1, 2, 1, 1]), fc.integer({ min: -4, max: 3 }), (x, axis) => {
        fc.pre(axis !== 1 && axis !== -3);
        const { type } = compute([x], (y) => squeeze(y as Expr, axis));
        expect(type.shape).toEqual(axis === 0 || axis === -4 ? [2, 1, 1] : [1, 2, 1]);
      }),
    );
  });

  it('stacked along the axis before the last are interleaved', () => {
    fc.assert(
      fc.property(tensorOf([2, 2]), (x) => {
        const stacked = numbers([x], (y) => stack([y as Expr, y as Expr], -2));
        const [a = 0, b = 0, c = 0, d = 0] = x.data;
        expectNumbers('stack', stacked, [a, b, a, b, c, d, c, d]);
      }),
    );
  });
});

describe('refusals name the type', () => {
  const x = literal([1, 2, 3, 4, 5, 6], 'f32', [2, 3]);

  it.each([
    [expandDims(x, 4), 'expandDims(f32[2,3]): axis 4 is outside the rank 3 of the result'],
    [squeeze(x, 0), 'squeeze(f32[2,3]): axis 0 has not the extent 1'],
    [split(x, 2)[0] ?? x, 'split(f32[2,3]): axis -1 does not divide into 2 equal parts'],
    [
      einsum('ij,jk,kl->il', [x, x, x]),
      'einsum(f32[2,3], f32[2,3], f32[2,3]): ij,jk,kl->il: one or two operands are supported',
    ],
  ])('%#', (expr, message) => {
    expect(error(expr)).toContain(message);
  });

  it('einsum of nothing is refused, not built', () => {
    expect(error(einsum('->', []))).toContain('the equation has 1 operands, 0 were given');
  });

  it('einsum that changes nothing gives the operand itself', () => {
    expect(einsum('ij->ij', [x])).toBe(x);
    expect(shapeOf(einsum('ij->ji', [x]))).toEqual([3, 2]);
  });
});
