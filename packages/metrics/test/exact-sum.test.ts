import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reduce, sum } from '../src/index.js';
import { value } from './values.js';

/** The nearest float64 to a sum of float64 numbers, by integer arithmetic on multiples of 2^-1074. */
const nearest = (terms: readonly number[]): number => {
  const view = new DataView(new ArrayBuffer(8));
  const units = (x: number): bigint => {
    view.setFloat64(0, Math.abs(x));
    const bits = view.getBigUint64(0);
    const exponent = bits >> 52n;
    const fraction = bits & 0xfffffffffffffn;
    const magnitude = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
    return x < 0 ? -magnitude : magnitude;
  };
  const total = terms.reduce((acc, x) => acc + units(x), 0n);
  const magnitude = total < 0n ? -total : total;
  const length = magnitude.toString(2).length;
  const drop = BigInt(Math.max(0, length - 53));
  const kept = magnitude >> drop;
  const rest = magnitude - (kept << drop);
  const half = drop === 0n ? 0n : 1n << (drop - 1n);
  const up = drop > 0n && (rest > half || (rest === half && (kept & 1n) === 1n));
  const rounded = Number(up ? kept + 1n : kept) * 2 ** -537 * 2 ** (Number(drop) - 537);
  return total < 0n ? -rounded : rounded;
};

describe('sum', () => {
  it('is the float64 nearest to the true sum', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 30 }), (terms) => {
        expect(reduce(sum, terms) - nearest(terms)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('breaks ties by what lies far below', () => {
    const tiny = 2 ** -200;
    for (const terms of [
      [1, 2 ** -53],
      [1, 2 ** -53, tiny],
      [1, 2 ** -53, -tiny],
      [1 + 2 ** -52, 2 ** -53, -tiny],
      [-1, -(2 ** -53), -tiny],
    ]) {
      expect(reduce(sum, terms)).toBe(nearest(terms));
    }
  });

  it('of terms that are not finite is what adding them gives', () => {
    const { NaN: nan, POSITIVE_INFINITY: more, NEGATIVE_INFINITY: less } = Number;
    expect(
      [[more], [less, 1], [1, more, more], [more, less], [nan, 1], [1e308, less]].map((xs) => reduce(sum, xs)),
    ).toEqual([more, less, more, nan, nan, less]);
    expect(sum.extract(sum.combine(reduce({ ...sum, extract: (s) => s }, [more]), sum.empty))).toBe(more);
    expect(sum.extract(sum.combine(sum.empty, reduce({ ...sum, extract: (s) => s }, [less])))).toBe(less);
  });

  it('keeps no part that is 0, so that its state stays small', () => {
    fc.assert(
      fc.property(fc.array(value), (terms) => {
        expect(reduce({ ...sum, extract: ({ parts }) => parts }, [...terms, ...terms])).not.toContain(0);
      }),
    );
  });

  it('cancels completely', () => {
    fc.assert(
      fc.property(fc.array(value), (terms) => {
        expect(reduce(sum, [...terms, ...terms.map((x) => -x)])).toBe(0);
      }),
    );
  });
});
