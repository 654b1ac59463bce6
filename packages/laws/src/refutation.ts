/** Numbers as a person reads them: short where they are exact, seven digits where they are not. */
const showNumbers = (numbers: ArrayLike<number>): string =>
  `[${Array.from(numbers, (x) => (Object.is(x, -0) ? '-0' : String(Number(x.toPrecision(7))))).join(', ')}]`;

const agree = (a: number, b: number, tolerance: number): boolean =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * (1 + Math.max(Math.abs(a), Math.abs(b)));

/** The law does not hold: `what` was expected. */
export const refute = (what: string): never => {
  throw new Error(what);
};

/** Refutes unless the condition holds. */
export const hold = (condition: boolean, what: string): void => {
  if (!condition) refute(what);
};

/** Refutes unless numbers agree: absolutely near zero, relatively elsewhere; NaN agrees with NaN. */
export const holdEqual = (
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 1e-9,
): void => {
  const same =
    actual.length === expected.length && Array.from(actual).every((a, i) => agree(a, expected[i] ?? 0, tolerance));
  hold(same, `${what}: got ${showNumbers(actual)}, expected ${showNumbers(expected)}`);
};
