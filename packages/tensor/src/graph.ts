import { ApplyNode as Apply, type ApplyNode, type Graph, InputNode, type Node, type TensorExpr } from './expr.js';
import { workOf } from './work.js';

const operandsOf = (node: Node): readonly TensorExpr[] => (node._tag === 'Apply' ? node.operands : []);

/**
 * The nodes that `outputs` depend on, operands before their uses. An explicit stack: graphs are deeper than the call
 * stack. Expressions in `cut` are taken as given: the walk does not go below them.
 */
export const topological = (
  outputs: readonly TensorExpr[],
  cut: { readonly has: (expr: TensorExpr) => boolean } = new Set<TensorExpr>(),
): readonly Node[] => {
  const order = new Set<Node>();
  const opened = new Set<Node>();
  const stack = below(outputs, cut, opened);
  let node = stack.at(-1);
  while (node !== undefined) {
    if (opened.has(node)) {
      // Seen a second time, everything below it is in order; a set keeps the first place of a node seen again.
      order.add(node);
      stack.pop();
    } else {
      opened.add(node);
      stack.push(...below(operandsOf(node), cut, opened));
    }
    node = stack.at(-1);
  }
  return [...order];
};

/** The nodes of the expressions still to be visited, the last first. */
const below = (
  exprs: readonly TensorExpr[],
  cut: { readonly has: (expr: TensorExpr) => boolean },
  opened: ReadonlySet<Node>,
): Node[] => {
  const nodes = exprs.flatMap((expr) => (cut.has(expr) || opened.has(expr.node) ? [] : [expr.node]));
  return nodes.reverse();
};

/** A node with other operands of the same types; the node itself when they are the same. */
const withOperands = (node: ApplyNode, operands: readonly TensorExpr[]): ApplyNode =>
  operands.every((operand, i) => operand === node.operands[i])
    ? node
    : new Apply(
        node.primitive,
        node.params,
        operands,
        node.results.map(({ type }) => type),
      );

/** Rewrites nodes in topological order; `rewrite` is given a node whose operands are rewritten already. */
export const rewriteGraph = (
  outputs: readonly TensorExpr[],
  replaced: ReadonlyMap<TensorExpr, TensorExpr>,
  rewrite: (node: ApplyNode) => readonly TensorExpr[],
): readonly TensorExpr[] => {
  const results = new Map<TensorExpr, TensorExpr>(replaced);
  const of = (expr: TensorExpr): TensorExpr => results.get(expr) ?? expr;
  for (const node of topological(outputs, replaced)) {
    if (node._tag === 'Input') continue;
    const rewritten = rewrite(withOperands(node, node.operands.map(of)));
    node.results.forEach((result, i) => {
      const by = rewritten[i];
      if (by !== undefined && !replaced.has(result)) results.set(result, by);
    });
  }
  return outputs.map(of);
};

/** Rewrites nodes in topological order; `rewrite` is given the node and the same with its operands rewritten. */
export const rewriteNodes = (
  outputs: readonly TensorExpr[],
  rewrite: (original: ApplyNode, current: ApplyNode) => readonly (TensorExpr | undefined)[],
): readonly TensorExpr[] => {
  const by = new Map<TensorExpr, TensorExpr>();
  const of = (expr: TensorExpr): TensorExpr => by.get(expr) ?? expr;
  for (const node of topological(outputs)) {
    if (node._tag === 'Input') continue;
    const results = rewrite(node, withOperands(node, node.operands.map(of)));
    node.results.forEach((result, i) => {
      const replacement = results[i];
      if (replacement !== undefined) by.set(result, replacement);
    });
  }
  return outputs.map(of);
};

/** The outputs with some expressions replaced by others of the same types. */
export const substitute = (
  outputs: readonly TensorExpr[],
  replaced: ReadonlyMap<TensorExpr, TensorExpr>,
): readonly TensorExpr[] => rewriteGraph(outputs, replaced, ({ results }) => results);

/** What a sub-program's outputs become for given operands. */
export const inlineGraph = (graph: Graph, operands: readonly TensorExpr[]): readonly TensorExpr[] =>
  substitute(graph.outputs, pairs(graph.inputs, operands));

/** A map from two lists of one length. */
export const pairs = <A, B>(from: readonly A[], to: readonly (B | undefined)[]): ReadonlyMap<A, B> => {
  const out = new Map<A, B>();
  from.forEach((a, i) => {
    const b = to[i];
    if (b !== undefined) out.set(a, b);
  });
  return out;
};

/** A sub-program made closed: what it captured from outside became inputs. */
export type Closed = {
  /** The outer expressions that the body used; they do not depend on its inputs. */
  readonly captured: readonly TensorExpr[];
  /** Fresh inputs that stand for `captured`. */
  readonly capturedInputs: readonly TensorExpr[];
  readonly outputs: readonly TensorExpr[];
};

/**
 * Closes a body over the outer expressions it uses. The largest sub-expressions that do not depend on `inputs` are
 * captured, so that they are computed once outside; constants stay inside.
 */
export const closeOver = (inputs: readonly TensorExpr[], outputs: readonly TensorExpr[]): Closed => {
  const inner = new Set<Node>(inputs.map(({ node }) => node));
  const captured = new Map<TensorExpr, TensorExpr>();
  const capture = (expr: TensorExpr): void => {
    const { node } = expr;
    const isConstant = node._tag === 'Apply' && node.operands.length === 0;
    if (inner.has(node) || isConstant || captured.has(expr)) return;
    // Repeating is cheaper than keeping what was repeated: its operand is captured instead.
    if (node._tag === 'Apply' && workOf(node) === 'repeats') {
      inner.add(node);
      node.operands.forEach(capture);
      return;
    }
    captured.set(expr, new InputNode(`captured_${captured.size}`, expr.type).result);
  };
  for (const node of topological(outputs)) {
    if (operandsOf(node).some((operand) => inner.has(operand.node))) {
      inner.add(node);
      operandsOf(node).forEach(capture);
    }
  }
  outputs.forEach(capture);
  return {
    captured: [...captured.keys()],
    capturedInputs: [...captured.values()],
    outputs: substitute(outputs, captured),
  };
};

/** A graph's free variables that are not its inputs: empty for a closed graph. */
export const freeInputs = (graph: Graph): readonly InputNode[] => {
  const own = new Set<Node>(graph.inputs.map(({ node }) => node));
  return topological(graph.outputs).filter((node): node is InputNode => node._tag === 'Input' && !own.has(node));
};
