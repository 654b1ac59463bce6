import * as O from 'fp-ts/lib/Option.js';
import { optionCodec } from './codec.js';
import type { Reducer } from './reducer.js';

const extreme = (pick: (a: number, b: number) => number): Reducer<number, O.Option<number>, O.Option<number>> => {
  const combine = (a: O.Option<number>, b: O.Option<number>): O.Option<number> => {
    if (O.isNone(a)) return b;
    return O.isNone(b) ? a : O.some(pick(a.value, b.value));
  };
  return {
    empty: O.none,
    step: (state, input) => combine(state, O.some(input)),
    combine,
    extract: (state) => state,
    codec: optionCodec,
  };
};

/** Smallest input, NaN if any is NaN; none without inputs. */
export const minimum: Reducer<number, O.Option<number>, O.Option<number>> = extreme(Math.min);

/** Largest input, NaN if any is NaN; none without inputs. */
export const maximum: Reducer<number, O.Option<number>, O.Option<number>> = extreme(Math.max);
