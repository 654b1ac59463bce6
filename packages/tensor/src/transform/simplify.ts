import { ApplyNode, type Graph, type TensorExpr } from '../expr.js';
import { topological } from '../graph.js';
import { scanP } from '../ops/scan.js';
import { mergeScans } from './merge.js';
import { pruneGraph } from './prune.js';
import { shareNodes } from './share.js';
import { tidyScan } from './tidy.js';

const asItIs = ({ results }: ApplyNode): readonly TensorExpr[] => results;

/** The node with its body simplified. */
const withSimpleBody = (node: ApplyNode): ApplyNode => {
  const params = node.params as { readonly body: Graph };
  const body = simplify(params.body);
  return body === params.body
    ? node
    : new ApplyNode(
        node.primitive,
        { ...params, body },
        node.operands,
        node.results.map(({ type }) => type),
      );
};

const scansIn = (outputs: readonly TensorExpr[]): number =>
  topological(outputs).filter((node) => node._tag === 'Apply' && node.primitive === scanP).length;

/** Scans are merged when their operands are the same, so equal expressions are shared first. */
const mergeAll = (graph: Graph): Graph => {
  if (scansIn(graph.outputs) < 2) return graph;
  const shared = shareNodes(graph, asItIs);
  const merged = mergeScans(shared, (bodies) => shareNodes(bodies, asItIs));
  return merged === shared ? shared : mergeAll(merged);
};

/** Graphs that simplify to themselves: bodies are met again in every pass. */
const simple = new WeakSet<Graph>();

/**
 * An equal graph with less in it: scans that are one loop merged, unused scan results removed, equal sub-expressions
 * shared, layout changes merged.
 *
 * @law values are unchanged, bit for bit; simplifying twice changes nothing more.
 */
export const simplify = (graph: Graph): Graph => {
  let current = graph;
  while (!simple.has(current)) {
    const merged = mergeAll(current);
    const pruned = pruneGraph(merged);
    // What left a scan may have been all that told it from another, or all that used the results of a third.
    let settled = pruned === merged;
    current = shareNodes(pruned, (node) => {
      const inner = withSimpleBody(node);
      const results = tidyScan(inner, simplify);
      settled &&= results === inner.results;
      return results;
    });
    if (settled) simple.add(current);
  }
  return current;
};
