import { flatten, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type { EvaluateGraph, Graph, RefTensor, TensorExpr } from './expr.js';
import { type ExprTree, type LeavesOf, withLeaves } from './exprs.js';
import { topological } from './graph.js';
import type { Port, Program } from './program.js';
import { type DType, isFloat, sameType, showType, type TensorType } from './type.js';
import { fromFloat64, roundTo, type TensorValue, toFloat64 } from './value.js';

/** The values given to a program do not fit its inputs. */
export type EvaluateError = {
  readonly _tag: 'EvaluateError';
  readonly path: string;
  readonly reason: string;
};

/** A sentence that names the input and what was expected. */
export const showEvaluateError = ({ path, reason }: EvaluateError): string =>
  `${path === '' ? 'the input' : `input '${path}'`}: ${reason}`;

/** What is kept of a floating-point result of a step. */
export type Round = (dtype: DType, x: number) => number;

/**
 * How floating-point numbers are kept between steps: `float64`, the meaning of the language, whatever the dtype says;
 * `declared`, each result rounded to its dtype, to see what a dtype costs; or a rounding of one's own.
 */
export type Rounding = 'float64' | 'declared' | Round;

const rounded = (data: Float64Array, { dtype }: TensorType, rounding: Rounding): Float64Array => {
  if (rounding === 'float64' || !isFloat(dtype)) return data;
  const round = rounding === 'declared' ? roundTo : rounding;
  return data.map((x) => round(dtype, x));
};

/** The float64 meaning of a closed graph. */
export const evaluateGraph = (
  graph: Graph,
  inputs: readonly RefTensor[],
  rounding: Rounding = 'float64',
): readonly RefTensor[] => {
  const values = new Map<TensorExpr, RefTensor>();
  graph.inputs.forEach((expr, i) => {
    const value = inputs[i];
    if (value !== undefined) values.set(expr, value);
  });
  const valueOf = (expr: TensorExpr): RefTensor => values.get(expr) ?? { type: expr.type, data: new Float64Array(0) };
  const inner: EvaluateGraph = (body, operands) => evaluateGraph(body, operands, rounding);
  for (const node of topological(graph.outputs)) {
    if (node._tag === 'Input') continue;
    const types = node.results.map(({ type }) => type);
    const results = node.primitive.ref(node.params, node.operands.map(valueOf), types, inner);
    node.results.forEach((expr, i) => {
      const data = results[i] ?? new Float64Array(0);
      values.set(expr, { type: expr.type, data: rounded(data, expr.type, rounding) });
    });
  }
  return graph.outputs.map(valueOf);
};

/** What is given for each port of a program, in order: every input once, of its type, and nothing else. */
export const matchInputs = <A>(
  ports: readonly Port[],
  given: Tree<A>,
  typeOf: (leaf: A) => TensorType,
): E.Either<EvaluateError, readonly A[]> => {
  const byPath = new Map(flatten(given).map(({ path, leaf }) => [path, leaf]));
  const refuse = (path: string, reason: string): E.Either<EvaluateError, never> =>
    E.left({ _tag: 'EvaluateError', path, reason });
  const matched: A[] = [];
  for (const { path, type } of ports) {
    const leaf = byPath.get(path);
    if (leaf === undefined) return refuse(path, `is missing; expected ${showType(type)}`);
    const actual = typeOf(leaf);
    if (!sameType(actual, type)) return refuse(path, `expected ${showType(type)}, got ${showType(actual)}`);
    matched.push(leaf);
    byPath.delete(path);
  }
  const [extra] = byPath.keys();
  return extra === undefined ? E.right(matched) : refuse(extra, 'is not an input of the program');
};

/**
 * The value of a program: the definition that every backend is held to.
 *
 * Floating-point results are float64 numbers rounded once, at the end, to the dtype of the output.
 *
 * @errors `EvaluateError` when an input is missing, unknown or of another type.
 */
export const evaluate = <I extends Tree<TensorType>, O extends ExprTree>(
  program: Program<I, O>,
  inputs: LeavesOf<I, TensorValue>,
  rounding: Rounding = 'float64',
): E.Either<EvaluateError, LeavesOf<O, TensorValue>> => {
  // `LeavesOf` a tree of types is a tree of values; the type system cannot resolve it for an unknown tree.
  const matched = matchInputs(program.inputs, inputs as unknown as Tree<TensorValue>, ({ type }) => type);
  if (E.isLeft(matched)) return matched;
  const given = matched.right.map((value) => ({ type: value.type, data: toFloat64(value) }));
  const results = evaluateGraph(program.graph, given, rounding).map(({ type, data }) => fromFloat64(type, data));
  return E.right(
    withLeaves(program.signature.outputs as Tree<TensorType>, results) as unknown as LeavesOf<O, TensorValue>,
  );
};
