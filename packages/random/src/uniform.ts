import { bits } from './bits.js';
import type { Key } from './key.js';

/**
 * `size` float32 values uniform in `[min, max)`, on a grid of 2^23 values.
 *
 * @source jax 0.5.3 `jax.random.uniform`: the top 23 bits become the mantissa of a number in `[1, 2)`.
 */
export const uniform = (key: Key, size: number, min = 0, max = 1): Float32Array => {
  const words = bits(key, size);
  const out = new Float32Array(size);
  const low = Math.fround(min);
  const span = Math.fround(Math.fround(max) - low);
  for (let i = 0; i < size; i++) {
    // One rounding: XLA fuses this multiplication and addition.
    out[i] = Math.max(low, ((words[i] ?? 0) >>> 9) * 2 ** -23 * span + low);
  }
  return out;
};
