import fc from 'fast-check';
import { input } from '../../src/expr.js';
import {
  type Expr,
  evaluateGraph,
  Graph,
  isValid,
  type RefTensor,
  showShapeError,
  type TensorExpr,
} from '../../src/index.js';
import { type DType, type Shape, sizeOf, TensorType } from '../../src/type.js';

/** A tensor in the float64 meaning of the language. */
export const tensor = (dtype: DType, shape: Shape, numbers: Iterable<number>): RefTensor => ({
  type: new TensorType(dtype, shape),
  data: Float64Array.from(numbers),
});

/** A valid expression; an invalid one fails the test with its message. */
export const valid = (expr: Expr): TensorExpr => {
  if (!isValid(expr)) throw new Error(showShapeError(expr.error));
  return expr;
};

/** The closed graph of a function, of inputs of the types of some tensors. */
export const graphOf = (at: readonly RefTensor[], f: (...inputs: readonly Expr[]) => readonly Expr[]): Graph => {
  const inputs = at.map(({ type }, i) => input(`x${i}`, type));
  return new Graph(inputs, f(...inputs).map(valid));
};

/** All results of a function. */
export const computeAll = (
  at: readonly RefTensor[],
  f: (...inputs: readonly Expr[]) => readonly Expr[],
): readonly RefTensor[] => evaluateGraph(graphOf(at, f), at);

/** The only result of a function. */
export const compute = (at: readonly RefTensor[], f: (...inputs: readonly Expr[]) => Expr): RefTensor => {
  const [result] = computeAll(at, (...inputs) => [f(...inputs)]);
  if (result === undefined) throw new Error('no result');
  return result;
};

export const numbers = (at: readonly RefTensor[], f: (...inputs: readonly Expr[]) => Expr): readonly number[] => [
  ...compute(at, f).data,
];

/** Fails unless numbers agree, absolutely near zero and relatively elsewhere, with both lists in the message. */
export const expectNumbers = (
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 1e-9,
): void => {
  const [a, e] = [Array.from(actual), Array.from(expected)];
  const agree = (x: number, y: number): boolean =>
    Object.is(x, y) || x === y || Math.abs(x - y) <= tolerance * (1 + Math.max(Math.abs(x), Math.abs(y)));
  if (a.length === e.length && a.every((x, i) => agree(x, e[i] ?? Number.NaN))) return;
  throw new Error(`${what}: got [${a.join(', ')}], expected [${e.join(', ')}]`);
};

/** Multiples of 1/8 in [−2, 2]: exact in every floating-point dtype, and short to read. */
export const eighths: fc.Arbitrary<number> = fc.integer({ min: -16, max: 16 }).map((n) => n / 8);

/** A list of a length. */
export const listOf = (length: number, element: fc.Arbitrary<number> = eighths): fc.Arbitrary<readonly number[]> =>
  fc.array(element, { minLength: length, maxLength: length });

/** Tensors of a type. */
export const tensorOf = (
  shape: Shape,
  element: fc.Arbitrary<number> = eighths,
  dtype: DType = 'f64',
): fc.Arbitrary<RefTensor> => listOf(sizeOf(shape), element).map((list) => tensor(dtype, shape, list));

/** The numbers over and over, as many as a tensor has. */
export const cycled = (list: readonly number[], { type, data }: RefTensor): RefTensor => ({
  type,
  data: data.map((_, i) => list[i % list.length] ?? 0),
});

/** Σ aᵢ bᵢ. */
export const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
