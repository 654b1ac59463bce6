import * as z from 'zod';
import { numberCodec } from './codec.js';
import { add, type ExactSum, merge, rounded, zero } from './exact-sum.js';
import type { Reducer } from './reducer.js';

/**
 * Sum of the inputs, rounded once at the end; 0 for none.
 *
 * @law equal in any split and order, while the sum stays below 2^1023.
 */
export const sum: Reducer<number, ExactSum, number> = {
  empty: zero,
  step: add,
  combine: merge,
  extract: rounded,
  codec: z.strictObject({ parts: z.array(z.number()), nonFinite: numberCodec }),
};
