import type { BackendError } from '@torsor/backend';
import { type DType, Graph, type Node, topological } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { deviceDTypes } from './kernels.js';

const foreignDType = (node: Node): DType | undefined => {
  const types =
    node._tag === 'Input' ? [node.result.type] : [...node.operands, ...node.results].map(({ type }) => type);
  const known: readonly DType[] = deviceDTypes;
  return types.find(({ dtype }) => !known.includes(dtype))?.dtype;
};

const bodiesOf = (node: Node): readonly Graph[] => {
  if (node._tag === 'Input' || typeof node.params !== 'object' || node.params === null) return [];
  return Object.values(node.params).filter((value): value is Graph => value instanceof Graph);
};

/**
 * Refuses a graph that needs an element type tfjs has not, naming the first primitive that does.
 *
 * @param backend - the backend's name, for the error.
 * @param graph - the graph, loop bodies included.
 * @errors `UnsupportedDType`.
 */
export const checkDTypes = (backend: string, graph: Graph): E.Either<BackendError, Graph> => {
  const pending = [graph];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const node of [...next.inputs.map((expr) => expr.node), ...topological(next.outputs)]) {
      const dtype = foreignDType(node);
      if (dtype !== undefined) {
        const primitive = node._tag === 'Input' ? `input ${node.name}` : node.primitive.name;
        return E.left({ _tag: 'UnsupportedDType', backend, primitive, dtype, supported: deviceDTypes });
      }
      pending.push(...bodiesOf(node));
    }
  }
  return E.right(graph);
};
