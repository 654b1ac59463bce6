import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, fromTypedArray, inspectCheckpoint } from '../../src/index.js';
import { temporaryDirectory } from '../convert/weights.js';

const holes = {
  a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
  b: { dtype: 'BF16', shape: [2, 1], data_offsets: [8, 12] },
  c: { dtype: 'U8', shape: [3], data_offsets: [12, 15] },
};
const dataBytes = 15;

type Header = { [name: string]: { [field: string]: unknown } };

const fileOf = (text: string, data: number, length = BigInt(new TextEncoder().encode(text).length)): Uint8Array => {
  const header = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + header.length + data);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  bytes.set(header, 8);
  return bytes;
};

const directory = await temporaryDirectory();

/** The error's tag by both readers: the one that has all bytes, and the one that reads the header alone. */
const refusals = async (bytes: Uint8Array): Promise<readonly string[]> => {
  const decoded = decodeSafetensors(bytes);
  const path = join(directory, 'hostile.safetensors');
  await writeFile(path, bytes);
  const inspected = await inspectCheckpoint(path, [], 'none')();
  const fromDisk = E.isRight(inspected)
    ? 'accepted'
    : inspected.left._tag === 'BadSafetensors'
      ? inspected.left.error._tag
      : inspected.left._tag;
  return [E.isLeft(decoded) ? decoded.left._tag : 'accepted', fromDisk];
};

const tensor = fc.constantFrom('a', 'b', 'c');
const huge = fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 52, 2 ** 53 - 1);
const strange = fc.oneof(
  fc.constantFrom(-1, 0.5, 2 ** 53, 1e300, '8', null, true, [], {}, [[0]], -0),
  fc.double({ noInteger: true, noNaN: true, min: -10, max: 10 }),
);

/** One lie told of one tensor: which field, and what it then says. */
const lies: fc.Arbitrary<readonly [field: string, value: unknown]> = fc.oneof(
  fc.tuple(
    fc.constant('dtype'),
    fc.constantFrom('F31', 'f32', '', 'FLOAT', '__proto__', 'constructor', 7, null, ['F32']),
  ),
  fc.tuple(fc.constant('shape'), fc.constantFrom('2', null, {}, 2, [2, 2], [7], [])),
  fc.tuple(fc.constant('shape'), fc.tuple(huge, huge)),
  fc.tuple(fc.constant('shape'), fc.tuple(strange)),
  fc.tuple(fc.constant('data_offsets'), fc.tuple(huge, huge)),
  fc.tuple(
    fc.constant('data_offsets'),
    fc.constantFrom([0, 15], [1, 9], [4, 12], [8, 0], [0], [], [0, 8, 8], null, 'x', [16, 20]),
  ),
  fc.tuple(fc.constant('data_offsets'), fc.tuple(strange, strange)),
  fc.tuple(fc.constantFrom('extra', '__proto__', 'strides'), fc.constant(1)),
);

describe('a header that lies', () => {
  it('the header without lies is accepted', async () => {
    expect(await refusals(fileOf(JSON.stringify(holes), dataBytes))).toEqual(['accepted', 'accepted']);
  });

  it('about one field of one tensor is refused, by both readers alike', async () => {
    await fc.assert(
      fc.asyncProperty(tensor, lies, async (name, [field, value]) => {
        const header: Header = structuredClone(holes);
        // Written out, since assigning `__proto__` would not make a field.
        const entry = `{${[
          ...Object.entries(header[name] ?? {}).filter(([key]) => key !== field),
          [field, value] as const,
        ]
          .map(([key, v]) => `${JSON.stringify(key)}:${Object.is(v, -0) ? '-0' : JSON.stringify(v)}`)
          .join(',')}}`;
        const text = `{${Object.entries(header)
          .map(([key, v]) => `"${key}":${key === name ? entry : JSON.stringify(v)}`)
          .join(',')}}`;
        const same = JSON.stringify(JSON.parse(text)) === JSON.stringify(holes);
        const [decoded, fromDisk] = await refusals(fileOf(text, dataBytes));
        expect(decoded).toBe(fromDisk);
        if (!same) expect(decoded).not.toBe('accepted');
      }),
      { numRuns: 400 },
    );
  });

  it('about its own length is refused, however long it says it is', async () => {
    const text = JSON.stringify(holes);
    const whole = BigInt(text.length);
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), async (length) => {
        fc.pre(length !== whole);
        const [decoded, fromDisk] = await refusals(fileOf(text, dataBytes, length));
        expect(decoded).toBe(fromDisk);
        expect(decoded).not.toBe('accepted');
      }),
    );
  });

  it('any bytes changed: no throw, and what is accepted owns every byte of the data once', async () => {
    const content = {
      tensors: new Map([['t', fromTypedArray('F32', [2, 2], Float32Array.of(1, 2, 3, 4))]]),
      metadata: {},
    };
    const valid = encodeSafetensors(content);
    if (E.isLeft(valid)) throw new Error(valid.left._tag);
    const change = fc.tuple(fc.nat(valid.right.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = valid.right.slice();
        for (const [at, value] of changes) bytes[at] = value;
        const decoded = decodeSafetensors(bytes);
        if (E.isLeft(decoded)) return;
        const owned = [...decoded.right.tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
        const header = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
        expect(owned).toBe(bytes.length - 8 - header);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [
      'a name twice',
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      'DuplicateKey',
    ],
    [
      'a name twice by an escape',
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      'DuplicateKey',
    ],
    ['a field twice', '{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 'DuplicateKey'],
    [
      'a product beyond 2^64 that is 1 modulo 2^64',
      '{"a":{"dtype":"U8","shape":[274177,67280421310721],"data_offsets":[0,1]}}',
      'BadEntry',
    ],
    [
      'a hole before the end',
      '{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}',
      'BadOffsets',
    ],
    ['nothing owned', '{}', 'BadOffsets'],
    ['no JSON', '{"a":', 'HeaderNotJson'],
    ['a list', '[]', 'HeaderNotJson'],
    ['text after the object', '{} {}', 'HeaderNotJson'],
  ])('%s', async (_, text, tag) => {
    expect(await refusals(fileOf(text, 1))).toEqual([tag, tag]);
  });

  it.each(['{"a":', '{"a":{"shape":['])(
    'a million open brackets after %s are refused before they are parsed',
    async (begin) => {
      const text = begin + '['.repeat(1_000_000);
      expect(await refusals(fileOf(text, 0))).toEqual(['HeaderNotJson', 'HeaderNotJson']);
    },
  );

  it('a claim of exabytes allocates nothing', async () => {
    const claim = `{"a":{"dtype":"F64","shape":[${2 ** 49}],"data_offsets":[0,${2 ** 52}]}}`;
    const before = process.memoryUsage().arrayBuffers;
    expect(await refusals(fileOf(claim, 8))).toEqual(['BadOffsets', 'BadOffsets']);
    expect(await refusals(fileOf(claim, 8, 99_999_999n))).toEqual(['HeaderTruncated', 'HeaderTruncated']);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });
});
