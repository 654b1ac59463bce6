import type { CompileOptions } from '@torsor/backend';
import { checkSpec, type Mesh, type PartitionSpec, replicated, type ShardingError } from '@torsor/sharding';
import { type Program, sameType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';

/** How the inputs and outputs of a program lie on the devices, and which outputs may take an input's place. */
export type Placement = {
  readonly inputs: readonly PartitionSpec[];
  readonly outputs: readonly PartitionSpec[];
  /** Input position to output position. */
  readonly aliases: ReadonlyMap<number, number>;
};

type Ports = Program['inputs'];

/** Whether two specs say the same: axes that are not named are whole. */
export const sameSpec = (a: PartitionSpec, b: PartitionSpec): boolean =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, axis) => axis).every(
    (axis) => (a[axis] ?? []).join() === (b[axis] ?? []).join(),
  );

const specsOf = (
  ports: Ports,
  mesh: Mesh | null,
  { specOf }: CompileOptions,
): E.Either<ShardingError, readonly PartitionSpec[]> =>
  mesh === null || specOf === undefined
    ? E.right(ports.map(() => replicated))
    : E.traverseArray(({ path, type }: Ports[number]) => {
        const spec = specOf(path, type);
        return E.map(() => spec)(checkSpec(mesh, path, type, spec));
      })(ports);

const aliasesOf = (
  { inputs, outputs }: Program,
  specs: Pick<Placement, 'inputs' | 'outputs'>,
): ReadonlyMap<number, number> => {
  const byPath = new Map(outputs.map(({ path, type }, position) => [path, { position, type }]));
  const aliases = new Map<number, number>();
  for (const [i, { path, type }] of inputs.entries()) {
    const output = byPath.get(path);
    if (output === undefined || !sameType(output.type, type)) continue;
    const [from = replicated, to = replicated] = [specs.inputs[i], specs.outputs[output.position]];
    if (sameSpec(from, to)) aliases.set(i, output.position);
  }
  return aliases;
};

/**
 * The placement of a program. An output may take the place of the input at its own path: the next state that of the state.
 *
 * @param mesh - `null` on one device.
 * @errors those of `checkSpec`, with the path of the input or output.
 */
export const placementOf = (
  program: Program,
  mesh: Mesh | null,
  options: CompileOptions,
): E.Either<ShardingError, Placement> => {
  const inputs = specsOf(program.inputs, mesh, options);
  if (E.isLeft(inputs)) return inputs;
  const outputs = specsOf(program.outputs, mesh, options);
  if (E.isLeft(outputs)) return outputs;
  const specs = { inputs: inputs.right, outputs: outputs.right };
  return E.right({ ...specs, aliases: aliasesOf(program, specs) });
};
