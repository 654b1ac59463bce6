import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { fromTypedArray, toFloat32, typedData } from '../../src/index.js';

/** The same bytes at an offset that no item size divides. */
const unaligned = (data: Uint8Array): Uint8Array => {
  const moved = new Uint8Array(data.length + 1);
  moved.set(data, 1);
  return moved.subarray(1);
};

const floats = fc.float32Array({ maxLength: 20 });

describe('typedData', () => {
  it('gives the elements back from aligned and from unaligned bytes', () => {
    fc.assert(
      fc.property(floats, (elements) => {
        const tensor = fromTypedArray('F32', [elements.length], elements);
        expect(typedData(tensor)).toEqual(elements);
        expect(typedData({ ...tensor, data: unaligned(tensor.data) })).toEqual(elements);
      }),
    );
  });

  it('copies an unaligned Buffer, whose slice would be a view', () => {
    const tensor = fromTypedArray('F64', [2], Float64Array.of(1, -2));
    const data = Buffer.concat([Buffer.of(0), tensor.data]).subarray(1);
    expect(typedData({ ...tensor, data })).toEqual(Float64Array.of(1, -2));
  });

  it('keeps 64-bit integers whole', () => {
    const elements = BigInt64Array.of(2n ** 62n + 1n, -1n);
    expect(typedData(fromTypedArray('I64', [2], elements))).toEqual(elements);
  });
});

describe('toFloat32', () => {
  it('widens BF16 to the float32 of the same upper bits', () => {
    fc.assert(
      fc.property(floats, (elements) => {
        const bits = new Uint32Array(elements.buffer.slice(0)).map((b) => (b & 0xffff0000) >>> 0);
        const halves = Uint16Array.from(bits, (b) => b >>> 16);
        const widened = toFloat32(fromTypedArray('BF16', [halves.length], halves));
        expect(widened).toEqual(E.right(new Float32Array(bits.buffer)));
      }),
    );
  });

  // Patterns and values of IEEE 754-2019 binary16, as listed in Wikipedia "Half-precision floating-point format".
  it('widens F16', () => {
    const bits = Uint16Array.of(0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x3555, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0xfc00);
    const values = [0, -0, 2 ** -24, 0.000060975552, 2 ** -14, 0.33325195, 1, -2, 65504, Infinity, -Infinity];
    expect(toFloat32(fromTypedArray('F16', [bits.length], bits))).toEqual(E.right(Float32Array.from(values)));
  });

  it('refuses float64 by name', () => {
    const result = toFloat32(fromTypedArray('F64', [1], Float64Array.of(0.1)));
    expect(result).toMatchObject(E.left({ _tag: 'WrongDType', dtype: 'F64' }));
  });
});
