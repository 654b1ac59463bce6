import * as E from 'fp-ts/lib/Either.js';
import { type ApplyNode, applyAll, Graph, type TensorExpr } from '../expr.js';
import { pairs, rewriteNodes, substitute, topological } from '../graph.js';
import { type ScanParams, scanP } from '../ops/scan.js';

/** A scan and what its steps give, over the inputs of the first scan that has the same operands. */
interface Member {
  readonly node: ApplyNode;
  readonly params: ScanParams;
  readonly outputs: readonly TensorExpr[];
}

/** Scans that are one loop: the same steps on the same operands, each with other stacked results. */
interface Loop {
  readonly params: ScanParams;
  /** What any of them gives, carries first. */
  readonly outputs: readonly TensorExpr[];
  readonly members: readonly Member[];
}

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

/** Scans over the same operands, in the same direction: two or more of them, maybe of different steps. */
const groupsOf = (outputs: readonly TensorExpr[]): ReadonlyArray<readonly ApplyNode[]> => {
  const groups: ApplyNode[][] = [];
  for (const node of topological(outputs)) {
    if (node._tag === 'Input' || node.primitive !== scanP) continue;
    const group = groups.find(([first]) => first !== undefined && runAlike(first, node));
    if (group === undefined) groups.push([node]);
    else group.push(node);
  }
  return groups.filter((group) => group.length > 1);
};

/** The steps of all over the same inputs, equal expressions shared, so that what is equal is the same. */
const membersOf = (group: readonly ApplyNode[], share: (graph: Graph) => Graph): readonly Member[] => {
  const all = group.map((node) => ({ node, params: node.params as ScanParams }));
  const inputs = all[0]?.params.body.inputs ?? [];
  const bodies = all.map(({ params: { body } }) => substitute(body.outputs, pairs(body.inputs, inputs)));
  const shared = share(new Graph(inputs, bodies.flat())).outputs;
  let next = 0;
  return all.map((member, i) => {
    const count = bodies[i]?.length ?? 0;
    next += count;
    return { ...member, outputs: shared.slice(next - count, next) };
  });
};

const joined = (loop: Loop, member: Member): Loop => {
  const { numCarry } = loop.params;
  const more = member.outputs.slice(numCarry).filter((expr) => !loop.outputs.includes(expr, numCarry));
  return { ...loop, outputs: [...loop.outputs, ...new Set(more)], members: [...loop.members, member] };
};

const loopsOf = (members: readonly Member[]): readonly Loop[] => {
  const loops: Loop[] = [];
  for (const member of members) {
    const { numCarry } = member.params;
    const carries = member.outputs.slice(0, numCarry);
    const at = loops.findIndex(({ outputs }) => sameExprs(outputs.slice(0, numCarry), carries));
    const loop = loops[at];
    if (loop === undefined) loops.push({ params: member.params, outputs: member.outputs, members: [member] });
    else loops[at] = joined(loop, member);
  }
  return loops.filter((loop) => loop.members.length > 1);
};

/** The loop with every stacked result, on the operands as they are by now. */
const mergedNode = ({ params, outputs, members }: Loop, { operands }: ApplyNode): ApplyNode | undefined => {
  const inputs = members[0]?.params.body.inputs ?? [];
  const all = applyAll(scanP, { ...params, body: new Graph(inputs, outputs) }, operands);
  const node = E.isRight(all) ? all.right[0]?.node : undefined;
  return node?._tag === 'Apply' ? node : undefined;
};

/**
 * Makes one scan of those that are the same loop and differ in their stacked results only: a scan and the one that its
 * derivative runs again to keep more of each step. Equal operands must be shared already.
 *
 * @param share - makes equal expressions of a graph one.
 * @returns the same graph where no two scans are one loop.
 * @law values are unchanged, bit for bit.
 */
export const mergeScans = (graph: Graph, share: (graph: Graph) => Graph): Graph => {
  const loops = groupsOf(graph.outputs).flatMap((group) => loopsOf(membersOf(group, share)));
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
    if (node === undefined) return current.results;
    merged.set(loop, node);
    const { numCarry } = loop.params;
    return member.outputs.flatMap((expr, i) => node.results[i < numCarry ? i : loop.outputs.indexOf(expr, numCarry)] ?? []);
  });
  return new Graph(graph.inputs, outputs);
};
