import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { Graph, type TensorExpr } from './expr.js';
import { topological } from './graph.js';
import { showType } from './type.js';

const numberText = (x: number): string => (Object.is(x, -0) ? '-0' : String(x));

/** Parameters as text: records in key order, `-0`, `NaN` and infinities kept apart, graphs by `graphText`. */
export const paramsText = (params: unknown, graphText: (graph: Graph) => string): string => {
  if (typeof params === 'number') return numberText(params);
  if (Array.isArray(params)) return `[${params.map((item) => paramsText(item, graphText)).join(',')}]`;
  if (params instanceof Graph) return graphText(params);
  if (typeof params !== 'object' || params === null) return JSON.stringify(params);
  return Object.entries(params)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${paramsText(value, graphText)}`)
    .join(' ');
};

/** A closed graph as text, one node per line, numbered in the order of evaluation. The names of inputs do not count. */
export const printGraph = (graph: Graph, indent = ''): string => {
  const names = new Map<TensorExpr, string>();
  graph.inputs.forEach((expr, i) => {
    names.set(expr, `%in${i}`);
  });
  const nameOf = (expr: TensorExpr): string => names.get(expr) ?? '?';
  const inner = `${indent}  `;
  const lines: string[] = [];
  let count = 0;
  for (const node of topological(graph.outputs)) {
    if (node._tag === 'Input') continue;
    const number = count++;
    node.results.forEach((expr, i) => {
      names.set(expr, node.results.length === 1 ? `%${number}` : `%${number}.${i}`);
    });
    const params = paramsText(node.params, (body) => printGraph(body, inner));
    const operands = node.operands.map(nameOf).join(', ');
    const types = node.results.map(({ type }) => showType(type)).join(', ');
    lines.push(
      `${inner}%${number} = ${node.primitive.name}(${operands})${params === '' ? '' : ` {${params}}`} : ${types}`,
    );
  }
  const inputs = graph.inputs.map((expr) => `${nameOf(expr)}: ${showType(expr.type)}`).join(', ');
  const outputs = graph.outputs.map(nameOf).join(', ');
  return [`(${inputs}) {`, ...lines, `${inner}return ${outputs}`, `${indent}}`].join('\n');
};

/** A key that is equal for graphs of the same structure, whatever their inputs are called: SHA-256 of the text, in hex. */
export const hashGraph = (graph: Graph): string => bytesToHex(sha256(utf8ToBytes(printGraph(graph))));
