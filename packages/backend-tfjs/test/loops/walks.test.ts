import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repeatingStrides, rowsOf } from '../../src/loops/elements.js';
import { exchangeAxes, exchangedMatrix } from '../../src/loops/exchange.js';
import { copyRows, mapTwo, placeRows } from '../../src/loops/map.js';
import { reduceMiddle } from '../../src/loops/reduce.js';
import { tanhInto } from '../../src/loops/tanh.js';
import { mergedReduction } from '../../src/wasm/merge.js';

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const counting = (size: number): Float32Array => Float32Array.from({ length: size }, (_, i) => i + 1);

/** Coordinates of every element in row-major order. */
const coordinates = (shape: readonly number[]): ReadonlyArray<readonly number[]> =>
  shape.reduce<ReadonlyArray<readonly number[]>>(
    (found, extent) => found.flatMap((at) => Array.from({ length: extent }, (_, i) => [...at, i])),
    [[]],
  );

const at = (coordinate: readonly number[], strides: readonly number[]): number =>
  coordinate.reduce((sum, i, axis) => sum + i * (strides[axis] ?? 0), 0);

const repeated = (shape: readonly number[]): fc.Arbitrary<readonly number[]> =>
  fc.tuple(...shape.map((extent) => fc.constantFrom(1, extent)));
const withRepeats = shapes.chain((shape) => fc.tuple(fc.constant(shape), repeated(shape), repeated(shape)));

describe('rowsOf', () => {
  it('walks every element once, whatever repeats', () => {
    fc.assert(
      fc.property(withRepeats, ([shape, x, y]) => {
        const [a, b] = [counting(sizeOf(x)), counting(sizeOf(y))];
        const strides = [repeatingStrides(x), repeatingStrides(y)] as const;
        const out = new Float32Array(sizeOf(shape));
        mapTwo(out, a, b, rowsOf(shape, strides), (u, v) => 100 * u + v);
        const expected = coordinates(shape).map((c) => 100 * (a[at(c, strides[0])] ?? 0) + (b[at(c, strides[1])] ?? 0));
        expect([...out]).toEqual(expected);
      }),
    );
  });

  it('puts back with placeRows what copyRows took out', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 3 }), (shape, step) => {
        const strides = repeatingStrides(shape).map((stride) => stride * step);
        const source = counting(sizeOf(shape) * step);
        const taken = new Float32Array(sizeOf(shape));
        copyRows(taken, source, rowsOf(shape, [strides]));
        const back = new Float32Array(source.length);
        placeRows(back, taken, rowsOf(shape, [strides]));
        const again = new Float32Array(taken.length);
        copyRows(again, back, rowsOf(shape, [strides]));
        expect(again).toEqual(taken);
      }),
    );
  });
});

describe('exchangeAxes', () => {
  it('is its own inverse', () => {
    const extent = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), extent, extent, (count, rows, columns) => {
        const x = counting(count * rows * columns);
        const [once, twice] = [new Float32Array(x.length), new Float32Array(x.length)];
        exchangeAxes(once, x, count, rows, columns);
        exchangeAxes(twice, once, count, columns, rows);
        expect(twice).toEqual(x);
      }),
      { numRuns: 30 },
    );
  });

  it('is recognised where a permutation exchanges two groups at the end, and only there', () => {
    expect(exchangedMatrix([2, 3, 4], [0, 2, 1])).toEqual({ count: 2, rows: 3, columns: 4 });
    expect(exchangedMatrix([2, 3, 4], [1, 2, 0])).toEqual({ count: 1, rows: 2, columns: 12 });
    expect(exchangedMatrix([2, 1, 4], [2, 1, 0])).toEqual({ count: 1, rows: 2, columns: 4 });
    expect(exchangedMatrix([2, 3, 4], [1, 0, 2])).toBeUndefined();
    expect(exchangedMatrix([2, 3, 4], [2, 1, 0])).toBeUndefined();
    expect(exchangedMatrix([2, 3], [0, 1])).toBeUndefined();
  });
});

describe('reduceMiddle', () => {
  it('sums what a plain loop sums', () => {
    const drawn = shapes
      .filter((shape) => shape.length > 0)
      .chain((shape) => fc.tuple(fc.constant(shape), fc.nat({ max: shape.length - 1 })));
    fc.assert(
      fc.property(drawn, ([shape, axis]) => {
        const x = counting(sizeOf(shape));
        const kept = shape.filter((_, other) => other !== axis);
        const out = new Float32Array(sizeOf(kept));
        reduceMiddle(out, x, mergedReduction(shape, [axis]), 'reduce_sum');
        const expected = new Float32Array(out.length);
        const strides = repeatingStrides(kept);
        coordinates(shape).forEach((c, i) => {
          const target = at(
            c.filter((_, other) => other !== axis),
            strides,
          );
          expected[target] = (expected[target] ?? 0) + (x[i] ?? 0);
        });
        expect(out).toEqual(expected);
      }),
    );
  });
});

describe('tanhInto', () => {
  it('is within a few units in the last place of Math.tanh, and NaN stays NaN', () => {
    const x = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) / 150);
    const out = new Float32Array(x.length);
    tanhInto(out, x);
    x.forEach((a, i) => {
      const exact = Math.tanh(a);
      expect(Math.abs((out[i] ?? 0) - exact)).toBeLessThanOrEqual(4e-7 * Math.abs(exact));
    });
    const special = new Float32Array(3);
    tanhInto(special, Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, -0));
    expect([...special]).toEqual([Number.NaN, 1, -0]);
  });
});
