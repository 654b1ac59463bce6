import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { Safetensors } from '../../src/index.js';
import { decodeSafetensors, encodeSafetensors, showSafetensorsError } from '../../src/index.js';
import { safetensors } from './arbitrary.js';

const encode = (content: Safetensors): Uint8Array => {
  const file = encodeSafetensors(content);
  if (E.isLeft(file)) throw new Error(showSafetensorsError(file.left));
  return file.right;
};

const plain = ({ tensors, metadata }: Safetensors): unknown => ({
  metadata,
  tensors: [...tensors]
    .map(([name, { dtype, shape, data }]) => [name, dtype, [...shape], [...data]] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1)),
});

const file = (header: string, dataLength = 0): Uint8Array => {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
};

const f32 = (shape: string, begin: number, end: number): string =>
  `{"dtype":"F32","shape":${shape},"data_offsets":[${begin},${end}]}`;

const tagOf = (bytes: Uint8Array): string => {
  const result = decodeSafetensors(bytes);
  return E.isLeft(result) ? result.left._tag : 'Right';
};

describe('laws', () => {
  it('decode is the inverse of encode', () => {
    fc.assert(
      fc.property(safetensors, (content) => {
        const decoded = decodeSafetensors(encode(content));
        expect(E.isRight(decoded) ? plain(decoded.right) : decoded.left).toEqual(plain(content));
      }),
    );
  });

  it('the order of insertion changes no byte', () => {
    fc.assert(
      fc.property(safetensors, (content) => {
        const reversed = { ...content, tensors: new Map([...content.tensors].reverse()) };
        expect(encode(reversed)).toEqual(encode(content));
      }),
    );
  });

  it('every tensor is aligned to its item size', () => {
    fc.assert(
      fc.property(safetensors, (content) => {
        const decoded = decodeSafetensors(encode(content));
        if (E.isLeft(decoded)) throw new Error(showSafetensorsError(decoded.left));
        for (const { dtype, data } of decoded.right.tensors.values()) {
          const width = Number(/(?:64|32|16)$/.exec(dtype)?.[0] ?? 8) / 8;
          expect(data.byteOffset % width).toBe(0);
        }
      }),
    );
  });

  it('random bytes never throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodeSafetensors(bytes)));
  });

  it('a valid file with changed, cut or added bytes never throws, and what still decodes owns every byte', () => {
    const changes = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(safetensors, changes, fc.integer({ min: -9, max: 9 }), (content, edits, growth) => {
        const valid = encode(content);
        const bytes = new Uint8Array(Math.max(0, valid.length + growth));
        bytes.set(valid.subarray(0, bytes.length));
        for (const [at, byte] of edits) bytes[at % Math.max(1, bytes.length)] = byte;
        const decoded = decodeSafetensors(bytes);
        if (E.isLeft(decoded)) {
          expect(showSafetensorsError(decoded.left)).not.toBe('');
          return;
        }
        const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        const owned = [...decoded.right.tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
        expect(8 + header + owned).toBe(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it('mutated header text never throws', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"dtype"',
      '"F32"',
      '"shape"',
      '"data_offsets"',
      '0',
      '4',
      '-1',
      '1e99',
      'null',
      ' ',
      '"__metadata__"',
      '"\\ud800"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (parts) => void decodeSafetensors(file(`{${parts.join('')}`, 4))),
    );
  });
});

describe('refused files, by the lie they tell', () => {
  const huge = new Uint8Array(16);
  new DataView(huge.buffer).setBigUint64(0, 2n ** 63n, true);
  const beyond = file('{}');
  new DataView(beyond.buffer).setBigUint64(0, 3n, true);

  it.each([
    ['no length', new Uint8Array(7), 'HeaderTruncated'],
    ['a header longer than the file', beyond, 'HeaderTruncated'],
    ['a header of 2^63 bytes', huge, 'HeaderTooLarge'],
    ['an empty header', file(''), 'HeaderNotJson'],
    ['a list', file('[]'), 'HeaderNotJson'],
    ['white space first', file(' {}'), 'HeaderNotJson'],
    ['broken JSON', file('{"a":'), 'HeaderNotJson'],
    ['two values', file('{}{}'), 'HeaderNotJson'],
    ['a name twice', file(`{"a":${f32('[1]', 0, 4)},"a" :${f32('[1]', 0, 4)}}`, 4), 'DuplicateKey'],
    ['a name twice, once escaped', file(`{"a":${f32('[0]', 0, 0)},"\\u0061":${f32('[0]', 0, 0)}}`), 'DuplicateKey'],
    ['a field twice', file('{"a":{"dtype":"F32","dtype":"I8","shape":[0],"data_offsets":[0,0]}}'), 'DuplicateKey'],
    ['an unknown dtype', file('{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}', 4), 'UnknownDType'],
    [
      'a dtype named like a method',
      file('{"a":{"dtype":"toString","shape":[1],"data_offsets":[0,4]}}', 4),
      'UnknownDType',
    ],
    ['a fractional dimension', file(`{"a":${f32('[1.5]', 0, 6)}}`, 6), 'BadEntry'],
    ['a negative dimension', file(`{"a":${f32('[-1]', 0, 4)}}`, 4), 'BadEntry'],
    ['a shape that is no list', file(`{"a":${f32('"1"', 0, 4)}}`, 4), 'BadEntry'],
    ['a size above 2^53', file(`{"a":${f32('[4294967296,4294967296]', 0, 0)}}`), 'BadEntry'],
    ['a missing field', file('{"a":{"dtype":"F32","shape":[1]}}', 4), 'BadEntry'],
    ['an unknown field', file('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":1}}'), 'BadEntry'],
    ['a size that the shape denies', file(`{"a":${f32('[2]', 0, 4)}}`, 4), 'SizeMismatch'],
    ['an end before the begin', file(`{"a":${f32('[1]', 0, 4)},"b":${f32('[0]', 4, 0)}}`, 4), 'SizeMismatch'],
    ['overlapping tensors', file(`{"a":${f32('[2]', 0, 8)},"b":${f32('[1]', 4, 8)}}`, 8), 'BadOffsets'],
    ['a gap', file(`{"a":${f32('[1]', 0, 4)},"b":${f32('[1]', 8, 12)}}`, 12), 'BadOffsets'],
    ['a gap at the start', file(`{"a":${f32('[1]', 4, 8)}}`, 8), 'BadOffsets'],
    ['data beyond the file', file(`{"a":${f32('[2]', 0, 8)}}`, 4), 'BadOffsets'],
    ['bytes that no tensor owns', file(`{"a":${f32('[1]', 0, 4)}}`, 5), 'BadOffsets'],
    ['an empty name', file(`{"":${f32('[0]', 0, 0)}}`), 'BadName'],
    ['half of a surrogate pair', file(`{"\\ud800":${f32('[0]', 0, 0)}}`), 'BadName'],
    ['metadata that is no text', file('{"__metadata__":{"a":1}}'), 'BadEntry'],
    ['metadata that is null', file('{"__metadata__":null}'), 'BadEntry'],
    ['text that is not UTF-8', file('{"~"}').map((b) => (b === 0x7e ? 0xff : b)), 'HeaderNotJson'],
  ])('%s', (_, bytes, tag) => {
    expect(tagOf(bytes)).toBe(tag);
  });
});

describe('refused content', () => {
  const data = new Uint8Array(4);
  const one = (name: string, shape: readonly number[]): string => {
    const result = encodeSafetensors({ tensors: new Map([[name, { dtype: 'F32', shape, data }]]), metadata: {} });
    return E.isLeft(result) ? result.left._tag : 'Right';
  };

  it.each([
    ['', [1], 'BadName'],
    ['__metadata__', [1], 'BadName'],
    ['\udc00', [1], 'BadName'],
    ['a', [2], 'SizeMismatch'],
    ['a', [0.5, 2], 'BadEntry'],
    ['a', [-1, -1], 'BadEntry'],
    ['a', [], 'Right'],
  ])('%j %j', (name, shape, tag) => {
    expect(one(name, shape)).toBe(tag);
  });

  it('metadata with half of a surrogate pair', () => {
    const result = encodeSafetensors({ tensors: new Map(), metadata: { note: '\ud800' } });
    expect(E.isLeft(result) && result.left._tag).toBe('BadEntry');
  });
});
