import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  dtypes,
  fromFloat64,
  hostArray,
  roundTo,
  showType,
  showValueError,
  TensorValue,
  tensorType,
  tensorValue,
  toFloat64,
} from '../src/index.js';
import { roundHalfEven } from '../src/value.js';

type Half = 'bf16' | 'f16';

const bits = fc.integer({ min: 0, max: 0xffff });

/** The number that a 16-bit pattern stands for. */
const from = (dtype: Half, pattern: number): number =>
  toFloat64(new TensorValue(tensorType(dtype), Uint16Array.of(pattern)))[0] ?? Number.NaN;

/** The pattern that a number is stored as. */
const to = (dtype: Half, x: number): number => fromFloat64(tensorType(dtype), [x]).data[0] ?? 0;

/** Every finite number of a format, in ascending order. */
const finite = (dtype: Half): readonly number[] => {
  const patterns = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
  const all = toFloat64(new TensorValue(tensorType(dtype, [patterns.length]), patterns));
  return [...new Set(all.filter(Number.isFinite))].sort((a, b) => a - b);
};

const nearest = (dtype: Half, low: number, high: number, between: number): number => {
  if (between === 0.5) return to(dtype, low) % 2 === 0 ? low : high;
  return between < 0.5 ? low : high;
};

describe.each(['bf16', 'f16'] as const)('%s', (dtype) => {
  const values = finite(dtype);

  it('a pattern survives the way to a number and back; every NaN is a NaN', () => {
    fc.assert(
      fc.property(bits, (pattern) => {
        const x = from(dtype, pattern);
        if (Number.isNaN(x)) expect(from(dtype, to(dtype, x))).toBeNaN();
        else expect(to(dtype, x)).toBe(pattern);
      }),
      { numRuns: 2000 },
    );
  });

  it('rounds to the nearest, ties to even', () => {
    const at = fc.integer({ min: 0, max: values.length - 2 });
    fc.assert(
      fc.property(at, fc.constantFrom(0.25, 0.5, 0.75), (i, between) => {
        const [low = 0, high = 0] = values.slice(i, i + 2);
        const x = low + (high - low) * between;
        // bf16 is rounded from float32, where these points are exact unless they are subnormal.
        fc.pre(dtype === 'f16' || Math.abs(x) > 1e-37);
        expect(roundTo(dtype, x) + 0).toBe(nearest(dtype, low, high, between) + 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps infinities and the sign of zero', () => {
    for (const x of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0]) expect(roundTo(dtype, x)).toBe(x);
    expect(roundTo(dtype, 1e39)).toBe(Number.POSITIVE_INFINITY);
  });
});

it('f16: the largest number, and where infinity begins', () => {
  expect(roundTo('f16', 65519)).toBe(65504);
  expect(roundTo('f16', 65520)).toBe(Number.POSITIVE_INFINITY);
  expect(roundTo('f16', 2 ** -25)).toBe(0);
  // Its logarithm in base 2 rounds to 1.
  expect(roundTo('f16', 2 - 2 ** -52)).toBe(2);
  expect(roundTo('f16', 1.5 * 2 ** -24)).toBe(2 ** -23);
});

it('roundTo rounds f32 and leaves the other dtypes', () => {
  expect(roundTo('f32', 0.1)).toBe(Math.fround(0.1));
  expect(roundTo('f64', 0.1)).toBe(0.1);
  expect(roundTo('i32', 7)).toBe(7);
});

it('roundHalfEven', () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 0.4, 0.6, -0.6].map((x) => roundHalfEven(x) + 0)).toEqual([
    0, 2, 2, 0, -2, 0, 1, -1,
  ]);
});

it.each(dtypes)('%s: values go to float64 and back', (dtype) => {
  const type = tensorType(dtype, [2, 2]);
  const numbers = dtype === 'bool' ? [0, 1, 1, 0] : [0, 1, 2, 3];
  const value = fromFloat64(type, numbers);
  expect([...toFloat64(value)]).toEqual(numbers);
  expect(value.data.constructor).toBe(hostArray(dtype, 1).constructor);
  expect(E.isRight(tensorValue(dtype, [2, 2], value.data))).toBe(true);
});

it('tensorValue refuses another array or another length', () => {
  const wrong = [tensorValue('f32', [2], Int32Array.of(1, 2)), tensorValue('i32', [2, 2], Int32Array.of(1))];
  expect(wrong.map(E.mapLeft(showValueError))).toEqual([
    E.left('f32[2]: expected a Float32Array, got a Int32Array'),
    E.left('i32[2,2]: expected 4 elements, got 1'),
  ]);
  expect(showType(tensorType('bool'))).toBe('bool[]');
});
