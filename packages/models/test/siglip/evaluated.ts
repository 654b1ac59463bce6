import {
  type Expr,
  type ExprTree,
  evaluate,
  program,
  showEvaluateError,
  showShapeError,
  type TensorType,
  type TensorValue,
} from '@torsor/tensor';
import { flatten, map, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';

type Built<I> = I extends TensorValue ? Expr : { readonly [K in keyof I]: Built<I[K]> };

/** All numbers that a function of values gives, one result after another. */
export const evaluated = <I>(given: I, build: (inputs: Built<I>) => ExprTree): readonly number[] => {
  // A structure of values is a tree of them, and its expressions have the same structure.
  const values = given as Tree<TensorValue>;
  const types = map<TensorValue, TensorType>(values, ({ type }) => type);
  const built = program(types, (inputs) => build(inputs as unknown as Built<I>));
  if (E.isLeft(built)) throw new Error(showShapeError(built.left));
  const results = evaluate(built.right, values as never);
  if (E.isLeft(results)) throw new Error(showEvaluateError(results.left));
  return flatten(results.right as Tree<TensorValue>).flatMap(({ leaf }) => Array.from(leaf.data));
};
