import { type DType, dtypes, fromFloat64, isFloat, sizeOf, TensorType } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { literalText } from '../../src/stablehlo/literal.js';

const elementOf = (dtype: DType): fc.Arbitrary<number> => {
  if (isFloat(dtype)) return fc.oneof(fc.double(), fc.float(), fc.constantFrom(-0, 1e-40, 6e-8, 5e-324, 65504, 1e21));
  if (dtype === 'i32') return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  return dtype === 'u32' ? fc.integer({ min: 0, max: 2 ** 32 - 1 }) : fc.integer({ min: 0, max: 1 });
};

/** A type and its elements, of few and of many. */
const constants = fc
  .tuple(fc.constantFrom(...dtypes), fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }))
  .chain(([dtype, shape]) => {
    const size = sizeOf(shape);
    const values = fc.array(elementOf(dtype), { minLength: size, maxLength: size });
    return fc.tuple(fc.constant(new TensorType(dtype, shape)), values);
  });

const widths: { readonly [D in DType]: number } = { f32: 4, bf16: 2, f16: 2, f64: 8, i32: 4, u32: 4, bool: 1 };

/** The bytes of an element from its bits, the most significant first, as MLIR reads a number in hexadecimal. */
const fromBits = (digits: string): readonly number[] =>
  (digits.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse();

const bytesOf = (dtype: DType, numbers: readonly number[]): readonly number[] => {
  const { data } = fromFloat64(new TensorType(dtype, [numbers.length]), numbers);
  return [...new Uint8Array(data.buffer)];
};

const parsedElement = (dtype: DType, text: string): readonly number[] => {
  if (text.startsWith('0x')) return fromBits(text.slice(2));
  // What MLIR's grammar takes for a number: a float has a point.
  expect(text).toMatch(isFloat(dtype) ? /^-?\d+\.\d+(e[-+]?\d+)?$/ : /^(-?\d+|true|false)$/);
  return bytesOf(dtype, [text === 'true' ? 1 : text === 'false' ? 0 : Number(text)]);
};

/** A reader of `dense<…>` written from MLIR's description of the format. */
const parsed = (dtype: DType, text: string): readonly number[] => {
  if (text.startsWith('"0x')) return fromBits(text.slice(3, -1)).toReversed();
  const elements = text.replace(/[[\] ]/g, '');
  return elements === '' ? [] : elements.split(',').flatMap((element) => parsedElement(dtype, element));
};

describe('literalText', () => {
  it('reads back as the bits of every element', () => {
    fc.assert(
      fc.property(constants, ([type, values]) => {
        const bytes = parsed(type.dtype, literalText(type, values));
        expect(bytes.length).toBe(values.length * widths[type.dtype]);
        expect(bytes).toEqual(bytesOf(type.dtype, values));
      }),
    );
  });

  it('brackets every axis', () => {
    expect(literalText(new TensorType('i32', [2, 1, 3]), [1, 2, 3, 4, 5, 6])).toBe('[[[1, 2, 3]], [[4, 5, 6]]]');
    expect(literalText(new TensorType('f32', [0, 3]), [])).toBe('');
    expect(literalText(new TensorType('bool', [2]), [0, 1])).toBe('[false, true]');
  });

  it('writes what no decimal is sure to give as bits', () => {
    const scalar = (dtype: DType, value: number): string => literalText(new TensorType(dtype, []), [value]);
    expect(scalar('f32', Number.NaN)).toBe('0x7FC00000');
    expect(scalar('f32', Number.NEGATIVE_INFINITY)).toBe('0xFF800000');
    expect(scalar('bf16', -0)).toBe('0x8000');
    expect(scalar('f16', 2 ** -24)).toBe('0x0001');
    expect(scalar('f64', 1e300)).toBe('1.0e+300');
  });
});
