/** From `a` at fraction 0 to `b` at fraction 1 and constant outside; both ends exactly. */
export const interpolate = (a: number, b: number, fraction: number): number => {
  if (fraction <= 0) return a;
  return fraction >= 1 ? b : a + (b - a) * fraction;
};
