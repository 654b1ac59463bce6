import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIdentity, permute } from '../../src/convert/permute.js';

const product = (shape: readonly number[]): number => shape.reduce((n, dim) => n * dim, 1);

const cases = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }).chain((shape) =>
  fc.tuple(
    fc.constant(shape),
    fc.shuffledSubarray(
      shape.map((_, axis) => axis),
      { minLength: shape.length },
    ),
  ),
);

const counting = (shape: readonly number[]): Uint16Array =>
  Uint16Array.from({ length: product(shape) }, (_, i) => i + 1);

const permuted = (source: Uint16Array, shape: readonly number[], order: readonly number[]): Uint16Array => {
  const target = new Uint16Array(source.length);
  permute(source, shape, order, target);
  return target;
};

/** The definition: every index of the target, one at a time. */
const byDefinition = (source: Uint16Array, shape: readonly number[], order: readonly number[]): readonly number[] => {
  const target = order.map((axis) => shape[axis] ?? 1);
  return Array.from({ length: source.length }, (_, flat) => {
    const index: number[] = [];
    let rest = flat;
    for (const size of [...target].reverse()) {
      index.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    const at = shape.reduce((sum, size, axis) => sum * size + (index[order.indexOf(axis)] ?? 0), 0);
    return source[at] ?? 0;
  });
};

describe('laws', () => {
  it('each element goes where its indices say', () => {
    fc.assert(
      fc.property(cases, ([shape, order]) => {
        const source = counting(shape);
        expect([...permuted(source, shape, order)]).toEqual(byDefinition(source, shape, order));
      }),
    );
  });

  it('the inverse order gives the source back', () => {
    fc.assert(
      fc.property(cases, ([shape, order]) => {
        const source = counting(shape);
        const there = permuted(source, shape, order);
        const back = order.map((_, axis) => order.indexOf(axis));
        const between = order.map((axis) => shape[axis] ?? 1);
        expect(permuted(there, between, back)).toEqual(source);
      }),
    );
  });

  it('an order is the identity if and only if no element moves', () => {
    fc.assert(
      fc.property(cases, ([shape, order]) => {
        const source = counting(shape);
        const moved = permuted(source, shape, order).some((element, i) => element !== source[i]);
        expect(isIdentity(shape, order)).toBe(!moved);
      }),
    );
  });
});
