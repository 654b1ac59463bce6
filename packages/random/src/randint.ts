import { bits } from './bits.js';
import { type Key, split } from './key.js';

/**
 * `size` integers uniform in `[min, max)`, both within int32; every value is `min` when `max <= min`.
 *
 * @source jax 0.5.3 `jax.random.randint` (int32): two words per value, so the bias is below `span / 2^64`.
 */
export const randint = (key: Key, size: number, min: number, max: number): Int32Array => {
  const [first = key, second = key] = split(key);
  const high = bits(first, size);
  const low = bits(second, size);
  const span = max <= min ? 1 : (max - min) >>> 0;
  const half = 2 ** 16 % span;
  const multiplier = (Math.imul(half, half) >>> 0) % span;
  const out = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const carried = Math.imul((high[i] ?? 0) % span, multiplier) >>> 0;
    out[i] = min + (((carried + ((low[i] ?? 0) % span)) >>> 0) % span);
  }
  return out;
};
