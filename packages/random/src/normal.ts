import { erfInv } from './erfInv.js';
import type { Key } from './key.js';
import { uniform } from './uniform.js';

const SQRT2 = Math.fround(Math.SQRT2);
const ABOVE_MINUS_ONE = -1 + 2 ** -24;

/**
 * `size` float32 values of the standard normal distribution.
 *
 * The same bits as jaxlib 0.5.3 on a CPU (all of 2·10⁶ draws compared); XLA on another device may round the inverse error
 * function differently by a few units in the last place.
 *
 * @source jax 0.5.3 `jax.random.normal`: √2 · erf⁻¹(u), u uniform in (−1, 1).
 */
export const normal = (key: Key, size: number): Float32Array => {
  const out = uniform(key, size, ABOVE_MINUS_ONE, 1);
  for (let i = 0; i < size; i++) out[i] = SQRT2 * erfInv(out[i] ?? 0);
  return out;
};
