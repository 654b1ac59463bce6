import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, toFloat32, typedData } from '../../src/index.js';

const bytes = readFileSync(new URL('../fixtures/official.safetensors', import.meta.url));
const decoded = decodeSafetensors(bytes);

it('reads what the official library wrote', () => {
  if (E.isLeft(decoded)) throw new Error(decoded.left._tag);
  const { tensors, metadata } = decoded.right;
  const elements = Object.fromEntries([...tensors].map(([name, t]) => [name, [t.dtype, t.shape, [...typedData(t)]]]));
  expect(metadata).toEqual({ origin: 'safetensors.numpy.save_file' });
  expect(elements).toEqual({
    'b/kernel': ['F32', [2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25]],
    a: ['I32', [2], [1, -2]],
    z16: ['F16', [3], [0x3e00, 0xb400, 0x7bff]],
    flag: ['BOOL', [3], [1, 0, 1]],
    f64: ['F64', [1], [0.1]],
    i64: ['I64', [1, 1], [2n ** 60n]],
    empty: ['F32', [0, 3], []],
    scalar: ['F32', [], [7]],
    u8: ['U8', [3], [0, 1, 2]],
    u16: ['U16', [1], [65535]],
    i8: ['I8', [1], [-1]],
    u32: ['U32', [1], [2 ** 32 - 1]],
    u64: ['U64', [1], [2n ** 64n - 1n]],
    i16: ['I16', [1], [-7]],
    é: ['F32', [1], [1]],
  });
  const half = tensors.get('z16');
  expect(half && toFloat32(half)).toEqual(E.right(Float32Array.of(1.5, -0.25, 65504)));
});

it('writes the same bytes', () => {
  const written = E.isRight(decoded) ? encodeSafetensors(decoded.right) : decoded;
  expect(E.isRight(written) && Buffer.from(written.right).equals(bytes)).toBe(true);
});
