import { ApplyNode, Graph, type Node, type TensorExpr } from '../expr.js';
import { rewriteNodes, topological } from '../graph.js';
import { type ScanParams, scanP } from '../ops/scan.js';

type Used = ReadonlySet<TensorExpr>;

const usedExprs = (outputs: readonly TensorExpr[]): Used => {
  const used = new Set<TensorExpr>(outputs);
  for (const node of topological(outputs)) {
    if (node._tag === 'Apply') for (const operand of node.operands) used.add(operand);
  }
  return used;
};

const isScan = (node: Node): node is ApplyNode => node._tag === 'Apply' && node.primitive === scanP;

/** Which outputs of a scan's body are needed: those whose results are used, and carries that a needed output reads. */
const neededOutputs = (
  { body, numConsts, numCarry }: ScanParams,
  resultUsed: readonly boolean[],
): readonly boolean[] => {
  const needed = [...resultUsed];
  while (true) {
    const roots = body.outputs.filter((_, i) => needed[i]);
    const read = new Set<TensorExpr | undefined>(topological(roots).map(resultOf));
    let grown = false;
    for (let i = 0; i < numCarry; i++) {
      const carry = body.inputs[numConsts + i];
      if (needed[i] !== true && carry !== undefined && read.has(carry)) {
        needed[i] = true;
        grown = true;
      }
    }
    if (!grown) return needed;
  }
};

const resultOf = (node: Node): TensorExpr | undefined => (node._tag === 'Input' ? node.result : node.results[0]);

/** The scan with only the needed outputs and the operands they read, and its results in their old places. */
const pruneScan = (node: ApplyNode, needed: readonly boolean[]): readonly TensorExpr[] => {
  const params = node.params as ScanParams;
  const outputs = params.body.outputs.filter((_, i) => needed[i]);
  const body = pruneGraph(new Graph(params.body.inputs, outputs));
  const read = new Set<TensorExpr | undefined>(topological(body.outputs).map(resultOf));
  const firstSequence = params.numConsts + params.numCarry;
  const keepInput = (i: number): boolean => {
    const carry = i - params.numConsts;
    if (carry >= 0 && carry < params.numCarry) return needed[carry] === true;
    return read.has(params.body.inputs[i]);
  };
  const kept = params.body.inputs.map((_, i) => keepInput(i));
  const count = (from: number, to: number): number => kept.slice(from, to).filter(Boolean).length;
  const pruned: ScanParams = {
    ...params,
    body: new Graph(
      params.body.inputs.filter((_, i) => kept[i]),
      body.outputs,
    ),
    numConsts: count(0, params.numConsts),
    numCarry: count(params.numConsts, firstSequence),
  };
  const types = node.results.filter((_, i) => needed[i]).map(({ type }) => type);
  const apply = new ApplyNode(
    scanP,
    pruned,
    node.operands.filter((_, i) => kept[i]),
    types,
  );
  let next = 0;
  return node.results.map((result, i) => (needed[i] ? (apply.results[next++] ?? result) : result));
};

/** The scans with results that nothing uses, and which of their results are needed. */
const wastefulScans = (outputs: readonly TensorExpr[]): ReadonlyMap<Node, readonly boolean[]> => {
  const used = usedExprs(outputs);
  const all = topological(outputs)
    .filter(isScan)
    .map((node) => {
      const resultUsed = node.results.map((result) => used.has(result));
      return [node, neededOutputs(node.params as ScanParams, resultUsed)] as const;
    });
  return new Map(all.filter(([, needed]) => needed.includes(false)));
};

/**
 * Removes the scan results that nothing uses, and the carries, constants and sequences that only they needed, in the
 * graph and in the bodies inside it; the same graph where there are none. Everything else that is unused is out of the
 * graph already.
 */
export const pruneGraph = (graph: Graph): Graph => {
  // Pruning a scan can leave an earlier scan's results unused, so the passes run until nothing changes.
  let outputs = graph.outputs;
  while (true) {
    const wasteful = wastefulScans(outputs);
    if (wasteful.size === 0) return outputs === graph.outputs ? graph : new Graph(graph.inputs, outputs);
    outputs = rewriteNodes(outputs, (node, current) => {
      const needed = wasteful.get(node);
      return needed === undefined ? current.results : pruneScan(current, needed);
    });
  }
};
