import {
  type Expr,
  evaluate,
  fromFloat64,
  program,
  showEvaluateError,
  showShapeError,
  type TensorType,
  type TensorValue,
  tensorType,
} from '@torsor/tensor';
import { flatten, map, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';

/** A structure of values as the same structure of expressions. */
export type Built<I> = I extends TensorValue ? Expr : { readonly [K in keyof I]: Built<I[K]> };

/** The elements of the results by path, computed in float64. */
export const evaluated = <I>(
  given: I,
  build: (inputs: Built<I>) => { readonly [name: string]: Expr },
): ReadonlyMap<string, readonly number[]> => {
  // A structure of values is a tree of them, and `program` keeps the structure.
  const values = given as Tree<TensorValue>;
  const types = map<TensorValue, TensorType>(values, ({ type }) => type);
  const built = program(types, (inputs) => build(inputs as unknown as Built<I>));
  if (E.isLeft(built)) throw new Error(showShapeError(built.left));
  const results = evaluate(built.right, values as never);
  if (E.isLeft(results)) throw new Error(showEvaluateError(results.left));
  return new Map(flatten(results.right as Tree<TensorValue>).map(({ path, leaf }) => [path, [...leaf.data]]));
};

/** A float64 tensor. */
export const real = (shape: readonly number[], data: readonly number[]): TensorValue =>
  fromFloat64(tensorType('f64', shape), data);

/** Bools. */
export const bools = (data: readonly boolean[]): TensorValue =>
  fromFloat64(
    tensorType('bool', [data.length]),
    data.map((item) => (item ? 1 : 0)),
  );

/** The largest difference of two lists of one length. */
export const worst = (a: readonly number[] = [], b: readonly number[] = []): number =>
  a.length === b.length && a.length > 0
    ? a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0)
    : Number.NaN;
