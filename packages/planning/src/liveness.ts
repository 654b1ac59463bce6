import {
  type ApplyNode,
  type Graph,
  type Node,
  primitiveNameOf,
  type ScanParams,
  type TensorExpr,
  topological,
} from '@torsor/tensor';
import { storageOf } from './storage.js';

/** The expression whose buffer holds this one's elements. */
const bufferOf = (expr: TensorExpr): TensorExpr => {
  let at = expr;
  while (at.node._tag === 'Apply' && storageOf(at.node) === 'view') at = at.node.operands[0] ?? at;
  return at;
};

const writesBuffers = (node: ApplyNode): boolean => storageOf(node) === 'result' || storageOf(node) === 'buffers';

const isConstant = ({ node }: TensorExpr): boolean => node._tag === 'Apply' && node.operands.length === 0;

/** The expressions that have a buffer of their own, inputs and constants aside. */
const buffered = (order: readonly Node[], outputs: readonly TensorExpr[]): ReadonlySet<TensorExpr> => {
  const found = new Set<TensorExpr>();
  const need = (expr: TensorExpr): void => {
    const at = bufferOf(expr);
    if (at.node._tag === 'Apply' && !isConstant(at)) found.add(at);
  };
  for (const node of order) {
    if (node._tag === 'Input') continue;
    if (writesBuffers(node)) node.results.forEach(need);
    if (storageOf(node) === 'buffers') node.operands.forEach(need);
  }
  outputs.forEach(need);
  return found;
};

/** The buffers that an expression is computed from. */
const reader = (own: ReadonlySet<TensorExpr>): ((expr: TensorExpr) => ReadonlySet<TensorExpr>) => {
  const known = new Map<TensorExpr, ReadonlySet<TensorExpr>>();
  const direct = (expr: TensorExpr): ReadonlySet<TensorExpr> => {
    if (own.has(expr)) return new Set([expr]);
    if (expr.node._tag === 'Input') return new Set();
    return new Set(expr.node.operands.flatMap((operand) => [...(known.get(operand) ?? read(operand))]));
  };
  const read = (expr: TensorExpr): ReadonlySet<TensorExpr> => {
    // Operands first, so that a long chain is not a deep recursion.
    const results = topological([expr], known).flatMap((node) => (node._tag === 'Input' ? node.result : node.results));
    for (const result of results) known.set(result, known.get(result) ?? direct(result));
    return known.get(expr) ?? new Set();
  };
  return read;
};

/** What the peak is computed with. */
export type Sizes = {
  /** Bytes of an expression's buffer; 0 for an output that takes a donated one. */
  readonly bytes: (expr: TensorExpr) => number;
  /** Bytes that exist only while a node runs. */
  readonly during: (node: ApplyNode) => number;
};

const lastUses = (
  order: readonly Node[],
  outputs: readonly TensorExpr[],
  own: ReadonlySet<TensorExpr>,
): ReadonlyMap<TensorExpr, number> => {
  const read = reader(own);
  const last = new Map<TensorExpr, number>();
  for (const [position, node] of order.entries()) {
    if (node._tag === 'Input' || !node.results.some((result) => own.has(result))) continue;
    const touched = [...node.results, ...node.operands.flatMap((operand) => [...read(operand)])];
    for (const expr of touched) last.set(expr, position);
  }
  for (const output of outputs) last.set(bufferOf(output), Number.POSITIVE_INFINITY);
  return last;
};

/** How many of a node's results, the first ones, may take the buffer of an operand: of a loop, what it carries. */
const reusing = (node: ApplyNode): number => {
  if (primitiveNameOf(node) === 'scan') return (node.params as ScanParams).numCarry;
  return writesBuffers(node) ? 0 : node.results.length;
};

/** The bytes of results that take buffers of their size which nothing reads later. */
const reused = (results: readonly number[], dying: readonly number[]): number => {
  const free = [...dying];
  return results.reduce((sum, size) => {
    const at = free.indexOf(size);
    if (at < 0) return sum;
    free.splice(at, 1);
    return sum + size;
  }, 0);
};

/** The largest number of bytes that buffers other than the inputs' take at once, nodes run in topological order. */
export const peakOf = (graph: Graph, { bytes, during }: Sizes): number => {
  const order = topological(graph.outputs);
  const own = buffered(order, graph.outputs);
  const last = lastUses(order, graph.outputs, own);
  const ending = new Map<number, TensorExpr[]>();
  for (const [expr, position] of last) ending.set(position, [...(ending.get(position) ?? []), expr]);
  let [live, peak] = [0, 0];
  for (const [position, node] of order.entries()) {
    if (node._tag === 'Input') continue;
    const made = node.results.filter((result) => own.has(result)).map(bytes);
    const dead = (ending.get(position) ?? []).filter((expr) => own.has(expr));
    const dying = dead.filter(({ node: maker }) => maker !== node).map(bytes);
    const total = made.reduce((sum, size) => sum + size, 0);
    const inPlace = node.results.slice(0, reusing(node)).filter((result) => own.has(result));
    const within = live + total + during(node) - reused(inPlace.map(bytes), dying);
    peak = Math.max(peak, within);
    live += total - dead.reduce((sum, expr) => sum + bytes(expr), 0);
  }
  return peak;
};
