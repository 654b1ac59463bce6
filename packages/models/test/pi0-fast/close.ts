import { expect } from 'vitest';

/** The largest difference, against the largest expected value. */
export const expectClose = (
  name: string,
  actual: readonly number[] = [],
  expected: readonly number[] = [],
  tolerance = 1e-12,
): void => {
  expect(actual.length, name).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  const worst = Math.max(0, ...actual.map((x, i) => Math.abs(x - (expected[i] ?? Number.NaN))));
  expect(worst, name).toBeLessThan(tolerance * scale);
};
