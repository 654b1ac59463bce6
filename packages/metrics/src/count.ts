import { countCodec } from './codec.js';
import type { Reducer } from './reducer.js';

/** Number of inputs. */
export const count: Reducer<unknown, number, number> = {
  empty: 0,
  step: (n) => n + 1,
  combine: (a, b) => a + b,
  extract: (n) => n,
  codec: countCodec,
};
