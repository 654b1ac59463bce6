import type { Key } from './key.js';
import { threefry2x32 } from './threefry.js';

/**
 * `size` uniformly distributed unsigned 32-bit words. An array of any shape takes them in row-major order.
 *
 * @law a shorter draw is a prefix of a longer one with the same key.
 * @source jax 0.5.3 `jax.random.bits` (uint32) with `jax_threefry_partitionable` on.
 */
export const bits = (key: Key, size: number): Uint32Array => {
  const [k0, k1] = key;
  const out = new Uint32Array(size);
  const block = new Uint32Array(2);
  for (let i = 0; i < size; i++) {
    threefry2x32(k0, k1, 0, i, block, 0);
    out[i] = (block[0] ?? 0) ^ (block[1] ?? 0);
  }
  return out;
};
