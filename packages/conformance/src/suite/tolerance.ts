import { type DType, isFloat } from '@torsor/tensor';

/**
 * What a case computes, which says how exact its floating-point results must be. Integers and bools are always exact.
 *
 * - `exact`: moves, compares or selects; or rounds once: every bit, the sign of zero included.
 * - `elementwise`: a few correctly rounded operations.
 * - `transcendental`: a function that libraries approximate.
 * - `sum`: adds up to `length` terms.
 * - `composite`: a softmax, a layer, a loop or a gradient: tens of operations.
 * - `program`: any well-formed program; held to what the same program loses when every step is wrong by up to a unit of the last
 *   place.
 */
export type Computation =
  | { readonly kind: 'exact' | 'elementwise' | 'transcendental' | 'composite' | 'program' }
  | { readonly kind: 'sum'; readonly length: number };

export const exact: Computation = { kind: 'exact' };
export const elementwise: Computation = { kind: 'elementwise' };
export const transcendental: Computation = { kind: 'transcendental' };
export const composite: Computation = { kind: 'composite' };
export const anyProgram: Computation = { kind: 'program' };

/** A sum of up to `length` terms. */
export const sumOf = (length: number): Computation => ({ kind: 'sum', length });

/** The distance from 1 to the next number of a dtype; 0 for dtypes that are exact. */
export const epsilons: { readonly [D in DType]: number } = {
  f32: 2 ** -23,
  bf16: 2 ** -7,
  f16: 2 ** -10,
  f64: 2 ** -52,
  i32: 0,
  u32: 0,
  bool: 0,
};

/** How far a result may be from the reference: `relative` · max |reference| + `floor`. */
export type Tolerance = {
  readonly relative: number;
  readonly floor: number;
  /** Whether a zero must have the reference's sign. */
  readonly zeroSigns: boolean;
  /** How many times the error of the reference with steps that are wrong by up to a unit is allowed besides. */
  readonly conditioned: number;
  /** Smaller numbers count as this large when an error is reported: a gradient may be zero but for rounding. */
  readonly scale: number;
};

/**
 * Units of the last place of the largest reference number. A sum's error grows as the root of its length when errors
 * are independent. Floors let sums that cancel be wrong by what their terms of size 1 lose.
 */
const rules: {
  readonly [K in Computation['kind']]: {
    readonly ulps: (length: number) => number;
    readonly floor: number;
    readonly zeroSigns: boolean;
    readonly conditioned: number;
  };
} = {
  exact: { ulps: () => 0, floor: 0, zeroSigns: true, conditioned: 0 },
  elementwise: { ulps: () => 1, floor: 0, zeroSigns: true, conditioned: 0 },
  transcendental: { ulps: () => 4, floor: 0, zeroSigns: true, conditioned: 0 },
  sum: { ulps: (length) => 2 + Math.sqrt(length), floor: 1, zeroSigns: false, conditioned: 0 },
  composite: { ulps: () => 16, floor: 1, zeroSigns: false, conditioned: 0 },
  // Each step may be wrong as a `transcendental` one may.
  program: { ulps: () => 16, floor: 4, zeroSigns: false, conditioned: 4 },
};

/** The tolerance of a computation in a dtype: the only place where a limit is stated. */
export const toleranceOf = (computation: Computation, dtype: DType): Tolerance => {
  const { ulps, floor, zeroSigns, conditioned } = rules[computation.kind];
  const epsilon = epsilons[dtype];
  const relative = ulps(computation.kind === 'sum' ? computation.length : 1) * epsilon;
  return {
    relative,
    floor: floor * epsilon,
    zeroSigns: zeroSigns && isFloat(dtype),
    conditioned,
    scale: conditioned > 0 ? 1 : 0,
  };
};
