/*
 * π0 and π0.5 of one layer that adds nothing, whose velocity is known at every time: their time embedding has
 * cos(π t / 2), the wave of period 4 (openpi `models/pi0.py` `posemb_sincos`, 15a9616), at index 7 of its 8 numbers, and
 * silu(x) = x / (1 + e⁻ˣ) is all that their networks make of it.
 */

const silu = (x: number): number => x / (1 + Math.exp(-x));

const wave = (t: number): number => Math.cos((Math.PI * t) / 2);

type Numbers = { readonly [path: string]: { readonly [index: number]: number } };

/** What a policy of the sizes of `tiny` has beside zeros. */
export const numbers: { readonly [kind in 'pi0' | 'pi05']: Numbers } = {
  pi0: {
    // Rows 8 to 15 of [16, 8] read the time: the wave into the first hidden unit, and that into the first number.
    'action_time_mlp_in/kernel': { [15 * 8]: 1 },
    'action_time_mlp_out/kernel': { 0: 1 },
    'action_time_mlp_out/bias': { 1: 1 },
    // [8, 3]: the first number to the first dimension, the second one twice to the second.
    'action_out_proj/kernel': { 0: 1, 4: 2 },
    'action_out_proj/bias': { 2: 0.5 },
  },
  pi05: {
    'time_mlp_in/kernel': { [7 * 8]: 1 },
    'time_mlp_out/kernel': { 0: 1 },
    // Scale, shift and gate are [8, 24]: the condition into the first number of the shift.
    'PaliGemma/llm/final_norm_1/Dense_0/kernel': { 8: 3 },
    'action_out_proj/kernel': { 0: 1, 1: -1 },
    'action_out_proj/bias': { 2: 0.5 },
  },
};

/** The velocity at a time, of every action. */
const velocity: { readonly [kind in 'pi0' | 'pi05']: (t: number) => readonly number[] } = {
  pi0: (t) => {
    const first = silu(wave(t));
    // The last normalization divides by the root of the mean square of [first, 1, 0, 0, 0, 0, 0, 0].
    const root = Math.sqrt((first ** 2 + 1) / 8 + 1e-6);
    return [first / root, 2 / root, 0.5];
  },
  pi05: (t) => {
    const shift = 3 * silu(silu(wave(t)));
    return [shift, -shift, 0.5];
  },
};

/** Where n Euler steps from t = 1 to 0 carry noise `[…, 3]`. */
export const carried = (kind: 'pi0' | 'pi05', noise: ArrayLike<number>, n: number): readonly number[] => {
  const times = Array.from({ length: n }, (_, i) => 1 - i / n);
  const moved = [0, 1, 2].map((i) => times.reduce((sum, t) => sum + (velocity[kind](t)[i] ?? 0) / n, 0));
  return Array.from(noise, (x, i) => x - (moved[i % 3] ?? 0));
};
