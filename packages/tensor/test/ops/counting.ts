import type { ApplyNode } from '../../src/expr.js';
import { topological } from '../../src/graph.js';
import type { Graph } from '../../src/index.js';
import { type ScanParams, scanP } from '../../src/ops/scan.js';

/** The nodes of a graph that apply a primitive; those in bodies are not counted. */
export const applications = (graph: Graph, name: string): readonly ApplyNode[] =>
  topological(graph.outputs).filter((node): node is ApplyNode => node._tag === 'Apply' && node.primitive.name === name);

/** The loops of a graph, first to last. */
export const scansOf = (graph: Graph): readonly ScanParams[] =>
  applications(graph, scanP.name).map(({ params }) => params as ScanParams);

/** What a scan stacks. */
export const stackedOf = ({ body, numCarry }: ScanParams): readonly string[] =>
  body.outputs.slice(numCarry).map(({ node }) => (node._tag === 'Input' ? node.name : node.primitive.name));
