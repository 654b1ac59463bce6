const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** NaN, infinities, both zeros, and numbers around which functions turn. */
export const special: readonly number[] = [nan, inf, -inf, 0, -0, 1, -1, 0.5, -0.5, 2.5, -2.5];

/** Fewer of them, to be combined in pairs. */
export const paired: readonly number[] = [nan, inf, -inf, 0, -0, 1.5, -1.5];

/** Numbers on which rounding to integers can go wrong. */
export const roundable: readonly number[] = [
  ...[0.5, 1.5, 2.5, 3.5, 0.49999997, 0.50000006, 8388607.5, 8388609, 2 ** 31, 1e30, 0.1, 0.9, 1, 2],
  ...[-0.5, -1.5, -2.5, -3.5, -0.49999997, -0.50000006, -8388607.5, -8388609, -(2 ** 31), -1e30, -0.1, -0.9, -1, -2],
];
