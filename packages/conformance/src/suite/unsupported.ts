import type { Backend } from '@torsor/backend';
import { type DType, Graph, type Node, topological } from '@torsor/tensor';
import type { CaseProgram } from './case.js';

const bodiesOf = (node: Node): readonly Graph[] =>
  node._tag === 'Input' || typeof node.params !== 'object' || node.params === null
    ? []
    : Object.values(node.params).filter((value): value is Graph => value instanceof Graph);

/** Every node of a graph and of the bodies within it, its inputs included. */
export const allNodes = (graph: Graph): readonly Node[] => {
  const nodes: Node[] = [];
  const pending = [graph];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const node of [...next.inputs.map((expr) => expr.node), ...topological(next.outputs)]) {
      nodes.push(node);
      pending.push(...bodiesOf(node));
    }
  }
  return nodes;
};

/** A dtype that a program needs and a backend has not. */
export const unsupportedDType = ({ capabilities }: Backend, { graph }: CaseProgram): DType | undefined =>
  allNodes(graph)
    .flatMap((node) => (node._tag === 'Input' ? [node.result.type] : node.results.map(({ type }) => type)))
    .map(({ dtype }) => dtype)
    .find((dtype) => !capabilities.dtypes.includes(dtype));
