import { threefry2x32 } from './threefry.js';

/**
 * A threefry key: two unsigned 32-bit words. Keys are values; deriving one never changes another.
 *
 * @source jax 0.5.3 `jax.random.key_data` of a `threefry2x32` key.
 */
export type Key = readonly [high: number, low: number];

const derive = (key: Key, high: number, low: number): Key => {
  const out = new Uint32Array(2);
  threefry2x32(key[0], key[1], high, low, out, 0);
  return [out[0] ?? 0, out[1] ?? 0];
};

/**
 * The key of an integer seed: `[0, seed mod 2^32]`.
 *
 * JAX without 64-bit mode keeps the low 32 bits of a seed, and so does this: seeds that differ by a multiple of 2^32
 * give the same key. A caller who takes seeds from outside refuses what is not an integer in `[0, 2^32)`.
 *
 * @source jax 0.5.3 `jax.random.key` with `jax_enable_x64` off.
 */
export const key = (seed: number): Key => [0, seed >>> 0];

/**
 * `n` independent keys from one; the parent is not used again.
 *
 * @law key `i` does not depend on `n`, and equals `foldIn(key, i)`.
 * @source jax 0.5.3 `jax.random.split` with `jax_threefry_partitionable` on.
 */
export const split = (key: Key, n = 2): readonly Key[] => Array.from({ length: n }, (_, i) => derive(key, 0, i));

/**
 * The key of `data` (an unsigned 32-bit number such as a step) under `key`.
 *
 * @law distinct `data` give distinct keys: threefry is a bijection of its counter.
 * @source jax 0.5.3 `jax.random.fold_in`.
 */
export const foldIn = (key: Key, data: number): Key => derive(key, 0, data >>> 0);
