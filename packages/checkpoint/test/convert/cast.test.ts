import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type Cast, castElements, type FloatDType } from '../../src/convert/cast.js';
import { countNonFinite } from '../../src/convert/finite.js';
import { fromTypedArray, type SafetensorsDType, type StoredArray, typedData } from '../../src/index.js';

const bytes = (array: StoredArray): Uint8Array => fromTypedArray('U8', [], array).data;

const cast = (from: SafetensorsDType, to: FloatDType, array: StoredArray): Cast => {
  const result = castElements(from, to, bytes(array));
  if (E.isLeft(result)) throw new Error(result.left._tag);
  return result.right;
};

const view = (dtype: SafetensorsDType, data: Uint8Array): StoredArray => typedData({ dtype, shape: [], data });

const words = fc.uint32Array({ maxLength: 40 });

describe('laws', () => {
  it('f32 → bf16 gives a neighbour that is nearest, the even one of two', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const value = Number(
          view(
            'F32',
            cast('BF16', 'F32', view('BF16', cast('F32', 'BF16', Float32Array.of(x)).data) as Uint16Array).data,
          )[0],
        );
        const unit = 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x) || 1))) - 7);
        if (Number.isFinite(value)) expect(Math.abs(value - x)).toBeLessThanOrEqual(unit / 2);
        else expect(Math.abs(x)).toBeGreaterThan(3.38e38);
        if (Math.abs(value - x) === unit / 2) expect(Math.abs(value / unit) % 2).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('every bit pattern: bf16 → f32 → bf16 changes none, NaN stays NaN, and only what changes counts as rounded', () => {
    const all = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
    const wide = cast('BF16', 'F32', all);
    const again = cast('F32', 'BF16', view('F32', wide.data));
    const isNaNBits = (bits: number): boolean => (bits & 0x7fff) > 0x7f80;
    expect(again.rounded + wide.rounded).toBe(0);
    const back = view('BF16', again.data);
    expect(all.every((bits, i) => (isNaNBits(bits) ? isNaNBits(Number(back[i])) : back[i] === bits))).toBe(true);
  });

  it('a count of infinities and NaN is that of the numbers themselves, and narrowing never loses one', () => {
    fc.assert(
      fc.property(words, (bits) => {
        const floats = view('F32', bytes(bits));
        const expected = [...floats].filter((x) => !Number.isFinite(Number(x))).length;
        expect(countNonFinite('F32', bytes(bits))).toBe(expected);
        expect(countNonFinite('BF16', cast('F32', 'BF16', floats).data)).toBeGreaterThanOrEqual(expected);
      }),
    );
  });
});

describe('examples', () => {
  it('halves go to the even neighbour', () => {
    const { data, rounded } = cast('F32', 'BF16', Float32Array.of(1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38));
    expect([...view('BF16', data)]).toEqual([0x3f80, 0x3f80, 0x3f82, 0x7f80]);
    expect(rounded).toBe(3);
  });

  it('f64 → f32 counts what it rounds; f64 → bf16 and integers are refused', () => {
    expect(cast('F64', 'F32', Float64Array.of(0.5, 0.1, -0)).rounded).toBe(1);
    expect(castElements('F64', 'BF16', bytes(Float64Array.of(1)))).toMatchObject({ left: { _tag: 'WrongDType' } });
    expect(castElements('I32', 'F32', bytes(Int32Array.of(1)))).toMatchObject({ left: { _tag: 'WrongDType' } });
  });

  it('infinities and NaN of every float type are counted, those of integers are none', () => {
    expect(countNonFinite('F64', bytes(Float64Array.of(1, Number.NaN, Number.POSITIVE_INFINITY)))).toBe(2);
    expect(countNonFinite('F16', bytes(Uint16Array.of(0x7c00, 0xfe00, 0x7bff)))).toBe(2);
    expect(countNonFinite('BF16', bytes(Uint16Array.of(0x7f80, 0xffff, 0x7f7f)))).toBe(2);
    expect(countNonFinite('I32', bytes(Int32Array.of(-1)))).toBe(0);
  });
});
