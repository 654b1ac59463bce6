import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { snappyUncompress } from 'hyparquet';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import { describe, expect, it } from 'vitest';
import { decompressSnappy } from '../../src/parquet/snappy.js';

/** Bytes with repeats of every distance, so that copies overlap and do not. */
const compressible = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 90 }), fc.integer({ min: 1, max: 40 })), { maxLength: 12 })
  .map((parts) =>
    Uint8Array.from(parts.flatMap(([bytes, times]) => new Array<number[]>(times).fill([...bytes]).flat())),
  );

describe('decompressSnappy', () => {
  it('undoes compression', () => {
    fc.assert(
      fc.property(compressible, (bytes) => {
        expect(decompressSnappy(snappyCompress(bytes), bytes.length)).toEqual(bytes);
      }),
    );
  });

  it('agrees with an independent decoder', () => {
    fc.assert(
      fc.property(compressible, (bytes) => {
        const block = snappyCompress(bytes);
        const theirs = new Uint8Array(bytes.length);
        snappyUncompress(block, theirs);
        expect(decompressSnappy(block, bytes.length)).toEqual(theirs);
      }),
    );
  });

  it('a damaged block gives as many bytes as asked for, or is refused', () => {
    fc.assert(
      fc.property(compressible, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, where, flip) => {
        const block = Uint8Array.from(snappyCompress(bytes));
        const at = where % block.length;
        block[at] = (block[at] ?? 0) ^ flip;
        const out = E.tryCatch(() => decompressSnappy(block, bytes.length), String);
        expect(E.isLeft(out) || out.right.length === bytes.length).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('decompresses into memory that is longer than needed', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i % 7);
    expect(decompressSnappy(snappyCompress(bytes), 300, new Uint8Array(1000).fill(9))).toEqual(bytes);
  });
});
