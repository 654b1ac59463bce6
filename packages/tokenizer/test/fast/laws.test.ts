import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { fromUtf8, splitText, utf8 } from '../../src/fast/bytes.js';
import { roundHalfEven } from '../../src/fast/coefficients.js';
import { dct, dctMatrix, idct } from '../../src/fast/dct.js';
import { fastTokenizer, fitFast, readFast, saveFast } from '../../src/index.js';
import { right } from '../right.js';
import { chunkOf, datasets } from './chunks.js';

const options = fc.record({
  scale: fc.constantFrom(1, 10, 33.5, 400),
  vocabSize: fc.constant(1500),
  form: fc.constantFrom('whole' as const, 'published' as const),
});

describe('dct', () => {
  it('is orthonormal: idct gives everything back, and norms stay', () => {
    const any = fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3 }))
      .chain(([a, d]) => chunkOf(a, d));
    fc.assert(
      fc.property(any, ({ data, shape }) => {
        const matrix = dctMatrix(shape[0]);
        const frequencies = dct(matrix, data, shape);
        const back = idct(matrix, frequencies, shape);
        for (const [i, value] of data.entries()) expect(back[i]).toBeCloseTo(value, 12);
        expect(Math.hypot(...frequencies)).toBeCloseTo(Math.hypot(...data), 12);
      }),
    );
  });

  // scipy.fft.dct([1, 2, 3, 4.5], norm='ortho')
  it('has the numbers of scipy', () => {
    const frequencies = dct(dctMatrix(4), [1, 2, 3, 4.5], [4, 1]);
    const scipy = [5.250000000000001, -2.557083238606758, 0.25, -0.2938116928176564];
    for (const [k, value] of scipy.entries()) expect(frequencies[k]).toBeCloseTo(value, 14);
  });
});

// numpy.around
it.each([
  [0.5, 0],
  [1.5, 2],
  [2.5, 2],
  [-0.5, 0],
  [-1.5, -2],
  [-2.5, -2],
  [-3.5, -4],
  [2.5000001, 3],
  [-0.2, 0],
])('rounds %d to %d', (x, rounded) => {
  expect(roundHalfEven(x)).toBe(rounded);
});

describe('bytes', () => {
  const codes = fc.array(fc.nat(0xd7ff), { maxLength: 30 });

  it('codes come back from UTF-8', () => {
    fc.assert(
      fc.property(codes, (list) => {
        expect(fromUtf8(list.flatMap(utf8))).toEqual(list);
      }),
    );
  });

  it('are accepted only where they are the UTF-8 of codes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255), { maxLength: 6 }), (bytes) => {
        const read = fromUtf8(bytes);
        if (read !== undefined) expect(read.flatMap(utf8)).toEqual(bytes);
      }),
    );
  });

  it('words make up the text', () => {
    fc.assert(
      fc.property(codes, fc.constantFrom('none' as const, 'words' as const), (list, split) => {
        const text = String.fromCharCode(...list);
        expect(splitText(text, split).join('')).toBe(text);
      }),
    );
  });
});

describe('fitFast', () => {
  it('gives every chunk back within the quantisation', () => {
    fc.assert(
      fc.property(datasets, options, (chunks, fit) => {
        const fitted = fitFast(chunks, { ...fit, vocabSize: 20_000 });
        const tokenizer = fastTokenizer(right(fitted));
        for (const chunk of chunks) {
          const [ah, ad] = chunk.shape;
          const { data } = right(tokenizer.decode(right(tokenizer.encode(chunk)), chunk.shape));
          for (let d = 0; d < ad; d += 1) {
            const errors = Array.from(
              { length: ah },
              (_, t) => (data[t * ad + d] ?? 0) - (chunk.data[t * ad + d] ?? 0),
            );
            expect(Math.hypot(...errors)).toBeLessThanOrEqual(Math.sqrt(ah) / 2 / fit.scale + 1e-12);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on the order of the chunks', () => {
    const shuffled = datasets.chain((chunks) =>
      fc.shuffledSubarray([...chunks], { minLength: chunks.length }).map((other) => [chunks, other] as const),
    );
    fc.assert(
      fc.property(shuffled, options, ([a, b], fit) => {
        expect(fitFast(a, fit)).toEqual(fitFast(b, fit));
      }),
      { numRuns: 60 },
    );
  });

  it('comes back from its files', () => {
    fc.assert(
      fc.property(datasets, options, (chunks, fit) => {
        const fitted = fitFast(chunks, fit);
        if (E.isRight(fitted)) expect(readFast(saveFast(fitted.right))).toEqual(fitted);
      }),
      { numRuns: 60 },
    );
  });

  it('encodes any chunk whose coefficients lie between those of the data', () => {
    fc.assert(
      fc.property(datasets, fc.double({ min: 0, max: 1, noNaN: true }), (chunks, by) => {
        const ends = chunks.flatMap(({ shape, data }) => [
          { shape, data: data.map(() => 2) },
          { shape, data: data.map(() => -2) },
        ]);
        const tokenizer = fastTokenizer(right(fitFast(ends, { scale: 1 })));
        for (const { shape, data } of chunks) {
          const flat = { shape, data: data.map(() => 2 * by) };
          expect(E.isRight(tokenizer.encode(flat))).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('fastTokenizer', () => {
  it('never throws on tokens, and gives ah × ad actions or an error', () => {
    fc.assert(
      fc.property(datasets, fc.array(fc.nat(300), { maxLength: 40 }), (chunks, tokens) => {
        const shape = chunks[0]?.shape ?? [1, 1];
        const decoded = fastTokenizer(right(fitFast(chunks))).decode(tokens, shape);
        if (E.isRight(decoded)) expect(decoded.right.data).toHaveLength(shape[0] * shape[1]);
      }),
      { numRuns: 60 },
    );
  });
});
