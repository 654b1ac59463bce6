import { type ApplyNode, Graph, type TensorExpr } from '../expr.js';
import { pairs, rewriteNodes, substitute, topological } from '../graph.js';
import { type ScanParams, scanNode, scanP } from '../ops/scan.js';

/** A scan and what its steps give, over the inputs of the first scan that has the same operands. */
type Member = {
  readonly node: ApplyNode;
  readonly params: ScanParams;
  readonly outputs: readonly TensorExpr[];
};

/** Scans that are one loop: the same steps on the same operands, each with other stacked results. */
type Loop = {
  readonly inputs: readonly TensorExpr[];
  readonly params: ScanParams;
  /** What any of them gives, carries first. */
  readonly outputs: readonly TensorExpr[];
  readonly members: readonly Member[];
};

const sameExprs = (a: readonly TensorExpr[], b: readonly TensorExpr[]): boolean =>
  a.length === b.length && a.every((expr, i) => expr === b[i]);

const runAlike = (a: ApplyNode, b: ApplyNode): boolean => {
  const [p, q] = [a.params as ScanParams, b.params as ScanParams];
  return (
    p.length === q.length &&
    p.reverse === q.reverse &&
    p.numConsts === q.numConsts &&
    p.numCarry === q.numCarry &&
    sameExprs(a.operands, b.operands)
  );
};

/** Scans over the same operands, in the same direction: maybe of different steps. */
type Group = {
  readonly inputs: readonly TensorExpr[];
  readonly nodes: readonly ApplyNode[];
};

const bodyOf = (node: ApplyNode): Graph => (node.params as ScanParams).body;

/** The groups of two scans or more. */
const groupsOf = (outputs: readonly TensorExpr[]): readonly Group[] => {
  const groups = new Map<ApplyNode, ApplyNode[]>();
  for (const node of topological(outputs)) {
    if (node._tag === 'Input' || node.primitive !== scanP) continue;
    const first = [...groups.keys()].find((other) => runAlike(other, node)) ?? node;
    groups.set(first, [...(groups.get(first) ?? []), node]);
  }
  return [...groups]
    .filter(([, nodes]) => nodes.length > 1)
    .map(([first, nodes]) => ({ inputs: bodyOf(first).inputs, nodes }));
};

/** The steps of all over the same inputs, equal expressions shared, so that what is equal is the same. */
const membersOf = ({ inputs, nodes }: Group, share: (graph: Graph) => Graph): readonly Member[] => {
  const bodies = nodes.map((node) => substitute(bodyOf(node).outputs, pairs(bodyOf(node).inputs, inputs)));
  const shared = share(new Graph(inputs, bodies.flat())).outputs;
  let next = 0;
  return nodes.map((node) => {
    const params = node.params as ScanParams;
    const from = next;
    next += params.body.outputs.length;
    return { node, params, outputs: shared.slice(from, next) };
  });
};

const joined = (loop: Loop, member: Member): Loop => {
  const { numCarry } = loop.params;
  const more = member.outputs.slice(numCarry).filter((expr) => !loop.outputs.includes(expr, numCarry));
  return { ...loop, outputs: [...loop.outputs, ...new Set(more)], members: [...loop.members, member] };
};

const loopsOf = ({ inputs }: Group, members: readonly Member[]): readonly Loop[] => {
  const loops: Loop[] = [];
  for (const member of members) {
    const { numCarry } = member.params;
    const carries = member.outputs.slice(0, numCarry);
    const at = loops.findIndex(({ outputs }) => sameExprs(outputs.slice(0, numCarry), carries));
    const loop = loops[at];
    if (loop === undefined) loops.push({ inputs, params: member.params, outputs: member.outputs, members: [member] });
    else loops[at] = joined(loop, member);
  }
  return loops.filter((loop) => loop.members.length > 1);
};

/** The loop with every stacked result, on the operands as they are by now. */
const mergedNode = ({ inputs, params, outputs }: Loop, { operands }: ApplyNode): ApplyNode =>
  scanNode({ ...params, body: new Graph(inputs, outputs) }, operands);

/**
 * Makes one scan of those that are the same loop and differ in their stacked results only: a scan and the one that its
 * derivative runs again to keep more of each step. Equal operands must be shared already.
 *
 * @param share - makes equal expressions of a graph one.
 * @returns the same graph where no two scans are one loop.
 * @law values are unchanged, bit for bit.
 */
export const mergeScans = (graph: Graph, share: (graph: Graph) => Graph): Graph => {
  const loops = groupsOf(graph.outputs).flatMap((group) => loopsOf(group, membersOf(group, share)));
  if (loops.length === 0) return graph;
  const placeOf = new Map(
    loops.flatMap((loop) => loop.members.map((member) => [member.node, { loop, member }] as const)),
  );
  const merged = new Map<Loop, ApplyNode>();
  const outputs = rewriteNodes(graph.outputs, (original, current) => {
    const place = placeOf.get(original);
    if (place === undefined) return current.results;
    const { loop, member } = place;
    const node = merged.get(loop) ?? mergedNode(loop, current);
    merged.set(loop, node);
    const { numCarry } = loop.params;
    return member.outputs.map((expr, i) => node.results[i < numCarry ? i : loop.outputs.indexOf(expr, numCarry)]);
  });
  return new Graph(graph.inputs, outputs);
};
