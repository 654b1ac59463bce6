import { bytesOf, deviceCount, fsdpMinBytes, type Mesh, type PartitionSpec } from '@torsor/sharding';
import { type Port, type Program, sizeOf, type TensorExpr } from '@torsor/tensor';
import { inputLayout, localBytes } from './layout.js';
import { summed, type Traffic } from './traffic.js';
import { walk } from './walk.js';

/** What a plan is computed from. */
export type PlanOptions = {
  readonly program: Program;
  readonly mesh: Mesh;
  /** One per input of the program, in its order; checked by the caller (`portSpecs`). */
  readonly specs: readonly PartitionSpec[];
  /** From the inputs whose buffers are given away to the outputs that take them, by position. */
  readonly donated: ReadonlyMap<number, number>;
  /** Gradients of fewer bytes are replicated, as `fsdpSpec` replicates parameters; openpi's 4 MiB where nothing is said. */
  readonly minBytes?: number;
};

/** Inputs of one kind: `params`, `optimizer`, `ema`, `batch`. */
export type PlanGroup = {
  readonly name: string;
  /** Numbers held, once. */
  readonly elements: number;
  /** Bytes held, once. */
  readonly bytes: number;
  readonly bytesPerDevice: number;
};

/** What one run of a program needs. Bytes and floating-point operations, exact where the program says them. */
export type Plan = {
  readonly devices: number;
  /** Inputs by what they are, in the order in which they appear. */
  readonly groups: readonly PlanGroup[];
  /** What the program makes besides the buffers it is given, at its largest, on each device. */
  readonly temporaryBytesPerDevice: number;
  /** Inputs and temporaries. */
  readonly peakBytesPerDevice: number;
  /** Two for each multiplication and addition of a product, on all devices; nothing else is counted. */
  readonly flops: number;
  /** Of the busiest device; more than its share where devices repeat one another's work. */
  readonly flopsPerDevice: number;
  /** What devices send one another, the largest first. */
  readonly traffic: readonly Traffic[];
};

/** `state/params/…` is of the group `params`, `batch/…` of `batch`. */
const groupOf = (path: string): string => path.replace(/^state\//u, '').split('/')[0] ?? '';

const isState = (path: string): boolean => groupOf(path) !== 'batch';

const groupsOf = (ports: readonly Port[], perDevice: readonly number[]): readonly PlanGroup[] => {
  const groups = new Map<string, PlanGroup>();
  for (const [i, { path, type }] of ports.entries()) {
    const name = groupOf(path);
    const { elements, bytes, bytesPerDevice } = groups.get(name) ?? { elements: 0, bytes: 0, bytesPerDevice: 0 };
    groups.set(name, {
      name,
      elements: elements + sizeOf(type.shape),
      bytes: bytes + bytesOf(type),
      bytesPerDevice: bytesPerDevice + (perDevice[i] ?? 0),
    });
  }
  return [...groups.values()];
};

const inPlaceOutputs = ({ program, donated }: PlanOptions): ReadonlySet<TensorExpr> => {
  const taking = new Set(donated.values());
  return new Set(program.graph.outputs.filter((_, i) => taking.has(i)));
};

/**
 * What one run of a program needs of every device, from the program alone: nothing is allocated or compiled.
 *
 * Inputs and floating-point operations are exact. Temporaries and traffic are estimates: nodes run in the program's
 * topological order; what is computed element by element has no buffer unless a product, a loop, a gather or the caller reads
 * it; a step of a loop keeps its outputs until it ends; state is gathered over `fsdp` where it meets the batch, once for each
 * sub-program that reads it; gradients of large parameters are scattered over `fsdp` by `fsdpSpec`'s rule; collectives are
 * rings and are not overlapped. XLA's partitioner decides these for itself.
 *
 * @law a mesh of one device sends nothing; bytes per device times devices are at least the bytes held; a donated buffer
 * counts once; the depth of a loop changes what it stacks, not what one of its steps needs.
 */
export const planProgram = (options: PlanOptions): Plan => {
  const { program, mesh, specs, minBytes = fsdpMinBytes } = options;
  const layouts = program.inputs.map(({ path, type }, i) => inputLayout(specs[i] ?? [], type, isState(path)));
  const perDevice = program.inputs.map(({ type }, i) => localBytes(mesh, type, layouts[i] ?? { axes: [] }));
  const { inside } = walk(program.graph, layouts, { mesh, minBytes, times: 1, inPlace: inPlaceOutputs(options) });
  const held = perDevice.reduce((sum, bytes) => sum + bytes, 0);
  return {
    devices: deviceCount(mesh),
    groups: groupsOf(program.inputs, perDevice),
    temporaryBytesPerDevice: inside.peakBytes,
    peakBytesPerDevice: held + inside.peakBytes,
    flops: inside.flops,
    flopsPerDevice: inside.flopsPerDevice,
    traffic: summed(inside.traffic),
  };
};
