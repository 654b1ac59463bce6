import {
  constant,
  type Expr,
  type Graph,
  inlineGraph,
  isFloat,
  isValid,
  literal,
  program,
  range,
  type ShapeError,
  sizeOf,
  type TensorExpr,
  type TensorType,
  vjp,
} from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import type { Case, CaseProgram } from '../case.js';
import { anyProgram } from '../tolerance.js';

type Named<A> = Readonly<Record<string, A>>;

/** Cotangents that differ from element to element and from output to output. */
const cotangent = ({ dtype, shape }: TensorType, output: number): Expr => {
  const numbers = range(sizeOf(shape)).map((i) => 1 - ((i * 3 + output * 2) % 7) / 4);
  return numbers.length === 0 ? constant(0, dtype, shape) : literal(numbers, dtype, shape);
};

const byPosition = <A>(values: readonly A[]): Named<A> =>
  Object.fromEntries(values.map((value, i) => [String(i).padStart(3, '0'), value]));

/** The floating-point outputs of a graph for inputs by name. */
const floatsOf = (graph: Graph, paths: readonly string[], inputs: Named<Expr>): readonly TensorExpr[] =>
  inlineGraph(
    graph,
    paths.map((path) => inputs[path]).filter((expr): expr is TensorExpr => expr !== undefined && isValid(expr)),
  ).filter(({ type }) => isFloat(type.dtype));

const pulledBack = ({ graph, inputs: ports }: CaseProgram, inputs: Named<Expr>): Named<Expr> => {
  const paths = ports.map(({ path }) => path);
  const floating = new Set(ports.filter(({ type }) => isFloat(type.dtype)).map(({ path }) => path));
  const at = Object.fromEntries(Object.entries(inputs).filter(([path]) => floating.has(path)));
  const of = (moved: Named<Expr>): Named<Expr> => byPosition(floatsOf(graph, paths, { ...inputs, ...moved }));
  const { outputs, pullback } = vjp(of, at);
  return pullback(byPosition(Object.values(outputs).map((y, i) => (isValid(y) ? cotangent(y.type, i) : y))));
};

/** The cotangents of a case's floating-point inputs for fixed cotangents of its floating-point outputs. */
export const pullbackOf = (of: Case): Case => ({
  ...of,
  computation: anyProgram,
  program: (): E.Either<ShapeError, CaseProgram> =>
    E.flatMap((built: CaseProgram) =>
      program(Object.fromEntries(built.inputs.map(({ path, type }) => [path, type])), (inputs) =>
        pulledBack(built, inputs),
      ),
    )(of.program()),
});

/** Whether a case is of the dtypes that every backend has, and there is something to differentiate by. */
export const isPulledBack = ({ sources }: Case): boolean => {
  const found = new Set(Object.values(sources).map(({ type }) => type.dtype));
  return found.has('f32') && [...found].every((dtype) => dtype === 'f32' || dtype === 'i32' || dtype === 'bool');
};
