import type { Key } from './key.js';
import { uniform } from './uniform.js';

/**
 * `size` float32 values of the distribution Beta(`a`, 1), as `u^(1/a)` with `u` uniform in `[0, 1)`.
 *
 * The distribution function of Beta(a, 1) is `x^a`, so its inverse is exact. JAX draws two gamma variables by rejection
 * instead: the same distribution, other values for the same key. A second parameter other than 1 is no part of the type.
 *
 * @law the cumulative distribution at `x` is `x^a`.
 */
export const beta = (key: Key, size: number, a: number, _b: 1): Float32Array => {
  const out = uniform(key, size);
  for (let i = 0; i < size; i++) out[i] = (out[i] ?? 0) ** (1 / a);
  return out;
};
