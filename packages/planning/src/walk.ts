import { extentOver, fsdpSpec, type Mesh } from '@torsor/sharding';
import {
  type ApplyNode,
  applyAlgebra,
  type Graph,
  type TensorExpr,
  type TensorType,
  topological,
} from '@torsor/tensor';
import { type Carried, type Inside, resultLayouts } from './carried.js';
import { fitting, type Layout, localBytes, namesOf } from './layout.js';
import { peakOf } from './liveness.js';
import { layoutRules, type Walked } from './rules.js';
import { exchange, repeated, type Traffic } from './traffic.js';

/** What a walk depends on besides the graph and the layouts of its inputs. */
export type WalkOptions = {
  readonly mesh: Mesh;
  /** Gradients of fewer bytes are whole on every device, as their parameters are. */
  readonly minBytes: number;
  /** How often the graph runs in a step. */
  readonly times: number;
  /** Outputs that take the buffer of a donated input. */
  readonly inPlace: ReadonlySet<TensorExpr>;
};

/** What a walk collects. */
type Collected = {
  readonly options: WalkOptions;
  readonly layouts: Map<TensorExpr, Layout>;
  readonly gatheredAlready: Map<TensorExpr, Set<string>>;
  readonly during: Map<ApplyNode, number>;
  readonly traffic: Traffic[];
  flops: number;
  flopsPerDevice: number;
};

const layoutOf = ({ layouts }: Collected, expr: TensorExpr): Layout =>
  layouts.get(expr) ?? { axes: expr.type.shape.map(() => []), undecided: true, state: true };

/**
 * Gathers what a node does not use as it lies: once for each expression, however many nodes read it. A gradient that was
 * scattered along another axis than its parameter could as well have been scattered along that one: it is not gathered.
 */
const gather = (all: Collected, operand: TensorExpr, kept: Layout['axes'], results: readonly string[]): number => {
  const { mesh } = all.options;
  const layout = layoutOf(all, operand);
  const used = layout.state ? kept.flat() : [...kept.flat(), ...results];
  const dropped = namesOf(layout).filter((name) => !used.includes(name) && extentOver(mesh, [name]) > 1);
  if (layout.undecided || dropped.length === 0) return 0;
  const bytes = localBytes(mesh, operand.type, { axes: kept });
  const done = all.gatheredAlready.get(operand) ?? new Set();
  if (dropped.some((name) => !done.has(name))) {
    all.traffic.push(...exchange(mesh, 'all-gather', layout.state ? 'parameters' : 'activations', dropped, bytes));
    all.gatheredAlready.set(operand, new Set([...done, ...dropped]));
  }
  return bytes;
};

/** The axis along which a large partial sum is scattered over `fsdp`: the rule by which its parameter is split. */
const scatterAxis = ({ mesh, minBytes, times }: WalkOptions, type: TensorType, { axes }: Layout): number => {
  const split = axes.flatMap((names, axis) => (names.length > 0 ? [axis] : []));
  return fsdpSpec(mesh, type, minBytes / times, split).findIndex((names) => names.length > 0);
};

/** Adds partial sums up, and leaves large ones scattered over `fsdp`: each device has a whole sum before. */
const reduce = (
  all: Collected,
  node: ApplyNode,
  type: TensorType,
  layout: Layout,
  partial: readonly string[],
): Layout => {
  const { options, traffic } = all;
  const { mesh } = options;
  const names = [...new Set(partial)].filter((name) => extentOver(mesh, [name]) > 1);
  if (names.length === 0) return layout;
  const what = names.some((name) => name !== 'tensor') ? 'gradients' : 'activations';
  const axis = names.includes('fsdp') ? scatterAxis(options, type, layout) : -1;
  const scattered = { ...layout, axes: layout.axes.map((of, i) => (i === axis ? ['fsdp'] : of)) };
  const rest = axis < 0 ? names : names.filter((name) => name !== 'fsdp');
  if (axis >= 0) {
    const bytes = localBytes(mesh, type, layout);
    traffic.push(...exchange(mesh, 'reduce-scatter', what, ['fsdp'], bytes));
    all.during.set(node, (all.during.get(node) ?? 0) + bytes);
  }
  traffic.push(...exchange(mesh, 'all-reduce', what, rest, localBytes(mesh, type, scattered)));
  return scattered;
};

/** The devices that share the work of a node: those that hold different parts of its results or of its sums. */
const sharers = (mesh: Mesh, { results, partial }: Carried): number =>
  extentOver(mesh, [...new Set([...(results[0] ?? []).flat(), ...partial])]);

const visit = (all: Collected, node: ApplyNode): void => {
  const { mesh } = all.options;
  const operands = node.operands.map((operand) => layoutOf(all, operand));
  const done = applyAlgebra(layoutRules, node)(operands, (body, inputs, times) =>
    walkBody(all.options, body, inputs, times),
  );
  const { inside } = done;
  const split = done.results.flat(2);
  const transient = node.operands.reduce((sum, operand, i) => sum + gather(all, operand, done.kept[i] ?? [], split), 0);
  all.during.set(node, transient + inside.peakBytes);
  all.traffic.push(...inside.traffic);
  all.flops += done.flops + inside.flops;
  all.flopsPerDevice += done.flops / sharers(mesh, done) + inside.flopsPerDevice;
  for (const [i, layout] of resultLayouts(done, operands).entries()) {
    const result = node.results[i];
    if (result !== undefined) {
      all.layouts.set(result, reduce(all, node, result.type, fitting(mesh, result.type, layout), done.partial));
    }
  }
};

const walkBody = (options: WalkOptions, body: Graph, inputs: readonly Layout[], times: number): Walked => {
  const walked = walk(body, inputs, { ...options, times: options.times * times, inPlace: new Set() });
  const { flops, flopsPerDevice, traffic, peakBytes } = walked.inside;
  const inside: Inside = {
    flops: flops * times,
    flopsPerDevice: flopsPerDevice * times,
    traffic: repeated(traffic, times),
    peakBytes,
  };
  return { outputs: walked.outputs, inside };
};

/** Follows layouts through a graph, and adds up what it computes, exchanges and keeps. */
export const walk = (graph: Graph, inputs: readonly Layout[], options: WalkOptions): Walked => {
  const all: Collected = {
    options,
    layouts: new Map(),
    gatheredAlready: new Map(),
    during: new Map(),
    traffic: [],
    flops: 0,
    flopsPerDevice: 0,
  };
  for (const [i, input] of graph.inputs.entries()) {
    const layout = inputs[i];
    if (layout !== undefined) all.layouts.set(input, layout);
  }
  for (const node of topological(graph.outputs)) if (node._tag === 'Apply') visit(all, node);
  const peakBytes = peakOf(graph, {
    bytes: (expr) => (options.inPlace.has(expr) ? 0 : localBytes(options.mesh, expr.type, layoutOf(all, expr))),
    during: (node) => all.during.get(node) ?? 0,
  });
  return {
    outputs: graph.outputs.map((output) => layoutOf(all, output)),
    inside: { flops: all.flops, flopsPerDevice: all.flopsPerDevice, traffic: all.traffic, peakBytes },
  };
};
