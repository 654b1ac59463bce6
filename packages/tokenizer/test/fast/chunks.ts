import * as fc from 'fast-check';
import type { ActionChunk } from '../../src/index.js';

/** Chunks `[ah, ad]` of values in [-2, 2]. */
export const chunkOf = (ah: number, ad: number): fc.Arbitrary<ActionChunk> =>
  fc
    .array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: ah * ad, maxLength: ah * ad })
    .map((data) => ({ shape: [ah, ad], data: Float64Array.from(data) }));

/** One to six chunks of one shape. */
export const datasets: fc.Arbitrary<readonly ActionChunk[]> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }))
  .chain(([ah, ad]) => fc.array(chunkOf(ah, ad), { minLength: 1, maxLength: 6 }));
