import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import { describe, expect, it } from 'vitest';
import { openPage } from '../../src/parquet/codecs.js';

/** Bytes with repeats of every distance, so that copies overlap and do not. */
const compressible = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 90 }), fc.integer({ min: 1, max: 40 })), { maxLength: 12 })
  .map((parts) =>
    Uint8Array.from(parts.flatMap(([bytes, times]) => new Array<number[]>(times).fill([...bytes]).flat())),
  );

describe('a Snappy page', () => {
  it('is what was compressed', () => {
    fc.assert(
      fc.property(compressible, (bytes) => {
        expect(openPage(snappyCompress(bytes), bytes.length, 'SNAPPY')).toEqual(bytes);
      }),
    );
  });

  it('that is damaged gives as many bytes as asked for, or is refused; the next one is whole', () => {
    fc.assert(
      fc.property(compressible, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, where, flip) => {
        const block = Uint8Array.from(snappyCompress(bytes));
        const at = where % block.length;
        block[at] = (block[at] ?? 0) ^ flip;
        const out = E.tryCatch(() => openPage(block, bytes.length, 'SNAPPY'), String);
        expect(E.isLeft(out) || out.right.length === bytes.length).toBe(true);
        expect(openPage(snappyCompress(bytes), bytes.length, 'SNAPPY')).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });
});
