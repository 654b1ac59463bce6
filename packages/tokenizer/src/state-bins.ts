import * as E from 'fp-ts/lib/Either.js';
import type { TokenizerError } from './error.js';

const binCount = 256;

const edge = (bin: number): number => bin / (binCount / 2) - 1;

// (x + 1) · 128 may round up over an edge; the comparison with the edge itself is exact.
const binOf = (x: number): number => {
  const bin = Math.min(binCount - 1, Math.max(-1, Math.floor((x + 1) * (binCount / 2))));
  return bin >= 0 && x < edge(bin) ? bin - 1 : bin;
};

/**
 * Bins of a normalized state: 256 equal ones over [-1, 1). Values from 1 upwards are in bin 255, values below -1 in bin -1, as in openpi.
 *
 * @errors `BadState` for NaN and infinities.
 * @law monotone; `x` in bin `i` of 0 … 254 iff `i / 128 - 1 ≤ x < (i + 1) / 128 - 1`.
 * @source openpi `models/tokenizer.py` `np.digitize(state, np.linspace(-1, 1, 257)[:-1]) - 1` (15a9616)
 */
export const stateBins = (state: ArrayLike<number>): E.Either<TokenizerError, readonly number[]> => {
  const bins: number[] = [];
  for (let index = 0; index < state.length; index += 1) {
    const value = state[index] ?? Number.NaN;
    if (!Number.isFinite(value)) return E.left({ _tag: 'BadState', index, value });
    bins.push(binOf(value));
  }
  return E.right(bins);
};
