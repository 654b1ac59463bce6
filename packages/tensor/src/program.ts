import { flatten, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { type ShapeError, shapeError } from './error.js';
import { type Expr, Graph, input, isValid } from './expr.js';
import {
  type ExprsOf,
  type ExprTree,
  exprLeaves,
  firstInvalid,
  type LeavesOf,
  validOnly,
  withLeaves,
} from './exprs.js';
import { freeInputs } from './graph.js';
import { hashGraph, printGraph } from './print.js';
import { simplify } from './transform/simplify.js';
import { showType, type TensorType } from './type.js';

/** A leaf of a program's inputs or outputs: where it stands in the tree and what it is. */
export type Port = {
  readonly path: string;
  readonly type: TensorType;
};

/** The trees of types that a program takes and gives. */
export type Signature<I, O> = {
  readonly inputs: I;
  readonly outputs: LeavesOf<O, TensorType>;
};

/** A closed, simplified computation from a tree of inputs to a tree of outputs: what backends compile. */
export class Program<I extends Tree<TensorType> = Tree<TensorType>, O extends ExprTree = ExprTree> {
  readonly graph: Graph;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly signature: Signature<I, O>;

  constructor(graph: Graph, inputs: readonly Port[], outputs: readonly Port[], signature: Signature<I, O>) {
    this.graph = graph;
    this.inputs = inputs;
    this.outputs = outputs;
    this.signature = signature;
  }
}

/**
 * The program that a function of a tree of inputs describes.
 *
 * @param inputs - the types of the inputs.
 * @param f - builds the outputs from expressions of those types.
 * @errors the `ShapeError` of the first invalid output, or of an output that depends on a variable of another program.
 * @example program({ x: tensorType('f32', [2]) }, ({ x }) => ({ y: mul(x, x) }))
 */
export const program = <const I extends Tree<TensorType>, O extends ExprTree>(
  inputs: I,
  f: (inputs: ExprsOf<I>) => O,
): E.Either<ShapeError, Program<I, O>> => {
  const ports = flatten<TensorType>(inputs).map(({ path, leaf }) => ({ path, type: leaf }));
  const variables = ports.map(({ path, type }) => input(path, type));
  // A tree of types has a `TensorType` at every leaf, so replacing them gives `ExprsOf` of it.
  const built = f(withLeaves(inputs, variables) as unknown as ExprsOf<I>);
  const invalid = firstInvalid(exprLeaves(built));
  if (invalid !== undefined) return E.left(invalid.error);
  const graph = simplify(new Graph(variables, validOnly(exprLeaves(built))));
  const [free] = freeInputs(graph);
  if (free !== undefined) {
    const { name, result } = free;
    return E.left(shapeError('program', [result.type], `an output depends on '${name}', which is not an input`));
  }
  const outputs = flatten<Expr>(built).flatMap(({ path, leaf }) => (isValid(leaf) ? [{ path, type: leaf.type }] : []));
  const types = withLeaves(
    built,
    outputs.map(({ type }) => type),
  );
  return E.right(new Program(graph, ports, outputs, { inputs, outputs: types }));
};

/** A program as readable text: its inputs and outputs with their paths, then one line per node. */
export const printProgram = (of: Program): string =>
  [
    ...of.inputs.map(({ path, type }, i) => `%in${i} = ${path === '' ? 'input' : path} : ${showType(type)}`),
    printGraph(of.graph),
    `-> ${of.outputs.map(({ path, type }) => `${path === '' ? 'output' : path}: ${showType(type)}`).join(', ')}`,
  ].join('\n');

/**
 * A key for compile caches: equal for programs that compute the same way from inputs of the same types, in the same
 * order; the names of inputs and outputs do not count.
 */
export const hashProgram = (of: Program): string => hashGraph(of.graph);
