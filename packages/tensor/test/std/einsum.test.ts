import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant, dotGeneral, type Expr, einsum, isValid, matmul, showShapeError } from '../../src/index.js';
import { expectNumbers, numbers, tensorOf } from '../laws/evaluating.js';

const error = (expr: Expr): string => (isValid(expr) ? 'accepted' : showShapeError(expr.error));

/** Einstein summation by definition: a loop over all letters. */
const naive = (
  equation: string,
  operands: ReadonlyArray<{ readonly shape: readonly number[]; readonly data: ArrayLike<number> }>,
): readonly number[] => {
  const [left = '', output = ''] = equation.split('->');
  const inputs = left.split(',');
  const extents = new Map<string, number>();
  for (const [k, of] of inputs.entries()) {
    for (const [axis, letter] of [...of].entries()) extents.set(letter, operands[k]?.shape[axis] ?? 1);
  }
  const letters = [...extents.keys()];
  const offset = (of: string, at: ReadonlyMap<string, number>): number =>
    [...of].reduce((sum, letter) => sum * (extents.get(letter) ?? 1) + (at.get(letter) ?? 0), 0);
  const out = new Array<number>([...output].reduce((size, letter) => size * (extents.get(letter) ?? 1), 1)).fill(0);
  const walk = (depth: number, at: Map<string, number>): void => {
    const letter = letters[depth];
    if (letter === undefined) {
      const term = inputs.reduce((product, of, k) => product * (operands[k]?.data[offset(of, at)] ?? 0), 1);
      const to = offset(output, at);
      out[to] = (out[to] ?? 0) + term;
      return;
    }
    for (let i = 0; i < (extents.get(letter) ?? 0); i++) walk(depth + 1, new Map(at).set(letter, i));
  };
  walk(0, new Map());
  return out;
};

describe('einsum', () => {
  // e and f: more rows than are multiplied at a time, and some left over.
  const shapes: { readonly [letter: string]: number } = { a: 2, b: 3, c: 2, d: 1, e: 7, f: 4 };
  const equations = [
    'ab,bc->ac',
    'ab,cb->ac',
    'ab,cb->ca',
    'abc,acd->abd',
    'abc,adc->bda',
    'ab,ab->',
    'ab,ab->ab',
    'ab->ba',
    'ab->a',
    'ab->',
    'a,b->ba',
    'abc,b->ac',
    'ab,c->b',
    'abcd,bd->acd',
    'ab,be->ae',
    'abe,afe->abf',
    'eb,bf->ef',
  ] as const;

  it.each(equations)('%s is the sum over letters', (equation) => {
    const [left = ''] = equation.split('->');
    const operands = left.split(',').map((letters) => tensorOf([...letters].map((letter) => shapes[letter] ?? 1)));
    fc.assert(
      fc.property(fc.tuple(...operands), (at) => {
        const expected = naive(
          equation,
          at.map(({ type, data }) => ({ shape: type.shape, data })),
        );
        expectNumbers(
          equation,
          numbers(at, (...xs) => einsum(equation, xs)),
          expected,
          1e-12,
        );
      }),
    );
  });

  const x = constant(1, 'f32', [2, 3]);
  it.each([
    ['ij,jk', [x, x], "expected '->'"],
    ['ij,jk->ik', [x], 'the equation has 2 operands, 1 were given'],
    ['ij,jk,k->i', [x, x, x], 'one or two operands are supported'],
    ['ii->i', [x], "'ii' must be distinct letters"],
    ['i1->i', [x], "'i1' must be distinct letters"],
    ['ijk->i', [x], "'ijk' names 3 axes, the operand has 2"],
    ['ij,jk->ik', [x, x], 'axis j has extents 3 and 2'],
    ['ij->ik', [x], 'axis k of the result is in no operand'],
    ['->', [], 'the equation has 1 operands, 0 were given'],
  ] as const)('%s of %o: refused', (equation, operands, reason) => {
    expect(error(einsum(equation, operands))).toContain(`${equation}: ${reason}`);
  });

  it('keeps sums in the dtype asked for', () => {
    const half = constant(1, 'bf16', [2, 2]);
    const product = einsum('ij,jk->ik', [half, half], 'f32');
    expect(isValid(product) && product.type.dtype).toBe('f32');
  });
});

describe('products', () => {
  it('matmul over a common batch', () => {
    fc.assert(
      fc.property(tensorOf([2, 2, 3]), tensorOf([2, 3, 2]), (x, y) => {
        const expected = naive(
          'abc,acd->abd',
          [x, y].map(({ type, data }) => ({ shape: type.shape, data })),
        );
        expectNumbers(
          'matmul',
          numbers([x, y], (a, b) => matmul(a as Expr, b as Expr)),
          expected,
          1e-12,
        );
      }),
    );
  });

  const [x, y] = [constant(0, 'f32', [2, 3]), constant(0, 'f32', [3, 2])];
  it.each([
    [
      { contract: [[0], [0]] },
      'contracted axes must have equal extents: axis 0 of the left has 2, axis 0 of the right has 3',
    ],
    [{ contract: [[1], []] }, 'contracted axes must come in pairs'],
    [{ contract: [[1], [0]], batch: [[1], [1]] }, 'contract and batch axes must be distinct and inside the rank'],
    [{ contract: [[5], [0]] }, 'contract and batch axes must be distinct and inside the rank'],
    [{ contract: [[], []], batch: [[0], [0]] }, 'batch axes must have equal extents'],
  ] as const)('dotGeneral by %o: refused', (dimensions, reason) => {
    expect(error(dotGeneral(x, y, dimensions))).toContain(reason);
  });

  it('refuses operands of two dtypes', () => {
    expect(error(matmul(x, constant(0, 'f64', [3, 2])))).toContain(
      'operands must have one dtype, got f32[2,3] and f64[3,2]',
    );
  });
});
