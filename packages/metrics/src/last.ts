import * as O from 'fp-ts/lib/Option.js';
import { optionCodec } from './codec.js';
import type { Reducer } from './reducer.js';

/**
 * The latest input; none without inputs. The one reducer of this package that depends on the order.
 *
 * @law associative with identity, not commutative: `combine(a, b)` takes `b` as the later piece.
 */
export const last: Reducer<number, O.Option<number>, O.Option<number>> = {
  empty: O.none,
  step: (_, input) => O.some(input),
  combine: (a, b) => (O.isSome(b) ? b : a),
  extract: (state) => state,
  codec: optionCodec,
};
