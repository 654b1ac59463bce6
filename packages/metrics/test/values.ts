import type { StateText } from '@torsor/laws';
import fc from 'fast-check';
import * as z from 'zod';
import type { Codec } from '../src/index.js';

/** Magnitudes between 1e-150 and 1e150, so that neither squares nor sums leave the range of float64. */
export const value: fc.Arbitrary<number> = fc
  .double({ min: -1e150, max: 1e150, noNaN: true })
  .map((x) => (Math.abs(x) < 1e-150 ? 0 : x));

/** Any float64, with NaN and infinities. */
export const anyValue: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: value },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0) },
);

/** A state as it goes through the file of a checkpoint. */
export const jsonText = <State>(codec: Codec<State>): StateText<State> => ({
  write: (state) => JSON.stringify(z.encode(codec, state)),
  read: (text) => z.decode(codec, JSON.parse(text)),
});
