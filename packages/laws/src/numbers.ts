import {
  type DType,
  type Expr,
  type ExprsOf,
  type ExprTree,
  evaluateGraph,
  program,
  type Rounding,
  type Shape,
  showShapeError,
  type TensorType,
  tensorType,
  withLeaves,
} from '@torsor/tensor';
import { leaves, map, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { refute } from './refutation.js';

/** A tensor as a person writes it: a number or nested arrays of numbers. */
export type Nested = number | readonly Nested[];

/** The shape of nested arrays of equal lengths. */
const nestedShape = (nested: Nested): Shape => {
  if (typeof nested === 'number') return [];
  const [first] = nested;
  return first === undefined ? [0] : [nested.length, ...nestedShape(first)];
};

const nestedNumbers = (nested: Nested): readonly number[] =>
  typeof nested === 'number' ? [nested] : nested.flatMap(nestedNumbers);

/** A tensor in the float64 meaning of the language: its numbers are not rounded to its dtype; a bool is 0 or 1. */
export class ExactTensor {
  readonly type: TensorType;
  readonly data: Float64Array;

  constructor(type: TensorType, data: Float64Array) {
    this.type = type;
    this.data = data;
  }
}

/** A tensor from nested arrays. */
export const tensor = (nested: Nested, dtype: DType = 'f32'): ExactTensor =>
  new ExactTensor(tensorType(dtype, nestedShape(nested)), Float64Array.from(nestedNumbers(nested)));

/** Tensors by name. */
export type Tensors<Name extends string> = { readonly [N in Name]: ExactTensor };

/** Expressions by name. */
export type Expressions<Name extends string> = { readonly [N in Name]: Expr };

/** A function of named expressions. */
export type FunctionOf<Name extends string> = (inputs: Expressions<Name>) => Expr;

/**
 * What a function of a tree of expressions computes at a tree of tensors: a tree of tensors.
 *
 * @param rounding - `declared` rounds every result to its dtype, as a backend does; by default none is rounded.
 */
export const computeTree = (
  inputs: Tree<ExactTensor>,
  f: (inputs: ExprTree) => ExprTree,
  rounding: Rounding = 'float64',
): Tree<ExactTensor> => {
  const types = map<ExactTensor, TensorType>(inputs, ({ type }) => type);
  // The tree of expressions has the structure of the tree of types, whatever that is.
  const built = program(types, f as (inputs: ExprsOf<Tree<TensorType>>) => ExprTree);
  if (E.isLeft(built)) return refute(showShapeError(built.left));
  const { graph, signature } = built.right;
  const results = evaluateGraph(graph, leaves<ExactTensor>(inputs), rounding).map(
    ({ type, data }) => new ExactTensor(type, data),
  );
  return withLeaves(signature.outputs, results) as Tree<ExactTensor>;
};

/**
 * What a function of expressions computes in the float64 meaning of the language, not rounded to any dtype.
 *
 * Throws the `ShapeError` of a function that builds no program: for tests, where an error thrown is a failed check.
 *
 * @param inputs - tensors by name; the function is given expressions by the same names.
 * @returns the tensors of its result's leaves, in key order.
 */
export const compute = <Name extends string>(
  inputs: Tensors<Name>,
  f: (inputs: Expressions<Name>) => ExprTree,
): readonly ExactTensor[] => leaves(computeTree(inputs, f as (inputs: ExprTree) => ExprTree));

/** The numbers of a function's only result. */
export const numbersOf = <Name extends string>(inputs: Tensors<Name>, f: FunctionOf<Name>): Float64Array =>
  compute(inputs, f)[0]?.data ?? new Float64Array(0);
