import * as fc from 'fast-check';
import type { Safetensors, SafetensorsDType, SafetensorsTensor } from '../../src/index.js';

const itemSizes: Readonly<Record<SafetensorsDType, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
};

const dtype: fc.Arbitrary<SafetensorsDType> = fc.constantFrom(
  'BOOL',
  'U8',
  'I8',
  'F8_E5M2',
  'F8_E4M3',
  'I16',
  'U16',
  'F16',
  'BF16',
  'I32',
  'U32',
  'F32',
  'F64',
  'I64',
  'U64',
);

const text = fc.string({ unit: 'binary' });
const name = text.filter((s) => s !== '' && s !== '__metadata__');

const tensor: fc.Arbitrary<SafetensorsTensor> = fc
  .tuple(dtype, fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }))
  .chain(([d, shape]) => {
    const size = shape.reduce((n, dim) => n * dim, itemSizes[d]);
    return fc.uint8Array({ minLength: size, maxLength: size }).map((data) => ({ dtype: d, shape, data }));
  });

/** Any content that the format can hold, with names of any script and empty tensors. */
export const safetensors: fc.Arbitrary<Safetensors> = fc.record({
  tensors: fc
    .uniqueArray(fc.tuple(name, tensor), { maxLength: 6, selector: ([n]) => n })
    .map((entries) => new Map(entries)),
  metadata: fc.dictionary(text, text, { maxKeys: 3 }).map((d) => ({ ...d })),
});
