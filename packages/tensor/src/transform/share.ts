import { type ApplyNode, Graph, type TensorExpr } from '../expr.js';
import { rewriteGraph } from '../graph.js';
import { paramsText, printGraph } from '../print.js';
import { rewritten } from './rewrite.js';

/** Parameters are met again in every pass, with whole bodies in them. */
const texts = new WeakMap<object, string>();

const textOf = (params: object): string => {
  const text = texts.get(params) ?? paramsText(params, printGraph);
  texts.set(params, text);
  return text;
};

/**
 * Hash-consing: nodes of one primitive with equal params and operands become one.
 *
 * @param inside - what a node with a body becomes, before it is compared.
 */
export const shareNodes = (graph: Graph, inside: (node: ApplyNode) => readonly TensorExpr[]): Graph => {
  const numbers = new Map<TensorExpr, number>();
  const numberOf = (expr: TensorExpr): number => {
    const number = numbers.get(expr) ?? numbers.size;
    numbers.set(expr, number);
    return number;
  };
  const seen = new Map<string, readonly TensorExpr[]>();
  const cons = (node: ApplyNode): readonly TensorExpr[] => {
    const key = `${node.primitive.name} ${textOf(node.params as object)} ${node.operands.map(numberOf).join(',')}`;
    const results = seen.get(key) ?? node.results;
    seen.set(key, results);
    return results;
  };
  const consResult = (expr: TensorExpr): TensorExpr =>
    expr.node._tag === 'Apply' ? (cons(expr.node)[expr.index] ?? expr) : expr;
  const share = (node: ApplyNode): readonly TensorExpr[] =>
    (hasBody(node) ? inside(node) : node.results.map((result) => rewritten(node, result))).map(consResult);
  return new Graph(graph.inputs, rewriteGraph(graph.outputs, new Map(), share));
};

const hasBody = (node: ApplyNode): boolean => (node.params as { readonly body?: unknown }).body instanceof Graph;
