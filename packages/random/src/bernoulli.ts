import type { Key } from './key.js';
import { uniform } from './uniform.js';

/**
 * `size` values, 1 with probability `p` and else 0.
 *
 * @law `p <= 0` gives only 0 and `p >= 1` only 1.
 * @source jax 0.5.3 `jax.random.bernoulli`: a uniform below float32 `p`.
 */
export const bernoulli = (key: Key, size: number, p = 0.5): Uint8Array => {
  const threshold = Math.fround(p);
  return Uint8Array.from(uniform(key, size), (u) => (u < threshold ? 1 : 0));
};
