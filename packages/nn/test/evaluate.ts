import {
  type Expr,
  evaluate,
  fromFloat64,
  program,
  type Rounding,
  showEvaluateError,
  showShapeError,
  type TensorType,
} from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';

/** What a function of tensors is at given numbers. */
export const numbersOf = (
  types: readonly TensorType[],
  numbers: readonly (readonly number[])[],
  f: (...x: readonly Expr[]) => Expr,
  rounding: Rounding = 'float64',
): readonly number[] => {
  const names = types.map((_, i) => `x${i}`);
  const record = <A>(of: readonly A[]): Readonly<Record<string, A>> =>
    Object.fromEntries(names.flatMap((name, i) => (of[i] === undefined ? [] : [[name, of[i]] as const])));
  const built = program(record(types), (inputs) => f(...names.flatMap((name) => inputs[name] ?? [])));
  if (E.isLeft(built)) throw new Error(showShapeError(built.left));
  const value = evaluate(built.right, record(types.map((type, i) => fromFloat64(type, numbers[i] ?? []))), rounding);
  if (E.isLeft(value)) throw new Error(showEvaluateError(value.left));
  return Array.from(value.right.data);
};

export const largestDifference = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length ? Math.max(0, ...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN)))) : Number.NaN;

/** An input that the test has declared. */
export const given = (x: Expr | undefined): Expr => {
  if (x === undefined) throw new Error('an input is missing');
  return x;
};
