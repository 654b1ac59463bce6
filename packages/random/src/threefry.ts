const parity = 0x1bd11bda;

// Rotation counts of the five groups of four rounds, flattened so that the hot loop indexes one array.
const rotations = Uint8Array.of(13, 15, 26, 6, 17, 29, 16, 24, 13, 15, 26, 6, 17, 29, 16, 24, 13, 15, 26, 6);

/**
 * Threefry-2x32 with 20 rounds on one counter block; writes the two output words to `out[at]` and `out[at + 1]`.
 *
 * @source Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3; jax 0.5.3 `prng.py`.
 */
export const threefry2x32 = (k0: number, k1: number, c0: number, c1: number, out: Uint32Array, at: number): void => {
  // After each group the next two words of the cyclic schedule (k0, k1, k2) are injected, with the group's number.
  let inject = k1;
  let next = k0 ^ k1 ^ parity;
  let last = k0;
  let x = (c0 + k0) | 0;
  let y = (c1 + k1) | 0;
  for (let round = 0; round < 20; round++) {
    const by = rotations[round] ?? 0;
    x = (x + y) | 0;
    y = ((y << by) | (y >>> (32 - by))) ^ x;
    if ((round & 3) === 3) {
      x = (x + inject) | 0;
      y = (y + next + (round >> 2) + 1) | 0;
      const used = inject;
      inject = next;
      next = last;
      last = used;
    }
  }
  out[at] = x;
  out[at + 1] = y;
};
