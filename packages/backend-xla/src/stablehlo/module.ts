import { deviceCount } from '@torsor/sharding';
import type { Port, Program, TensorType } from '@torsor/tensor';
import { Emitter, namesOf, type Precision } from './emitter.js';
import { lowerings } from './lowerings.js';
import { meshText, type Partitioning, shardedLayout, shardingText } from './partitioning.js';
import { quoted, typeList, typeText } from './types.js';
import type { Value } from './value.js';

export type { Precision } from './emitter.js';

/** What of a module is not in the program. */
export type EmitOptions = {
  readonly precision: Precision;
  /** Input index → index of the output that may take its buffer. */
  readonly aliases: ReadonlyMap<number, number>;
  /** How inputs and outputs lie on several devices; `null` for one. */
  readonly partitioning: Partitioning | null;
};

const attributed = (attributes: readonly string[]): string =>
  attributes.length === 0 ? '' : ` {${attributes.join(', ')}}`;

const argument = ({ path, type }: Port, i: number, { aliases, partitioning }: EmitOptions): string => {
  const alias = aliases.get(i);
  const attributes = [
    ...(partitioning === null ? [] : [shardingText(partitioning.inputs[i] ?? [], type.shape)]),
    ...(alias === undefined ? [] : [`tf.aliasing_output = ${alias} : i32`]),
  ];
  return `%arg${i}: ${typeText(type)}${attributed(attributes)} loc(${quoted(path === '' ? 'input' : path)})`;
};

const result = (type: TensorType, i: number, { partitioning }: EmitOptions): string =>
  typeText(type) + attributed(partitioning === null ? [] : [shardingText(partitioning.outputs[i] ?? [], type.shape)]);

/**
 * A program as the text of an MLIR module in StableHLO, which PJRT compiles: `@main` takes the inputs in the order of
 * `program.inputs` and returns the outputs in that of `program.outputs`.
 *
 * Sums of bf16 and f16 are kept in f32; out-of-range indices are clamped. Every operation carries the place of its node
 * in `printProgram` as its location, `scan#3/dot_general#7`, and every input its path, so that XLA's messages name them.
 *
 * @law deterministic; linear in the program; independent of the length of scans but for their extents.
 */
export const emitModule = (program: Program, options: EmitOptions): string => {
  const emitter = new Emitter(lowerings, options.precision);
  const inputs = program.inputs.map(
    ({ type }, i): Value => ({ name: `%arg${i}`, type, layout: shardedLayout(options.partitioning?.inputs[i]) }),
  );
  const outputs = emitter.inline(program.graph, inputs);
  const types = outputs.map(({ type }) => type);
  const { partitioning } = options;
  const devices = partitioning === null ? 1 : deviceCount(partitioning.mesh);
  const results = types.map((type, i) => result(type, i, options));
  const returned = outputs.length === 0 ? 'return' : `return ${namesOf(outputs)} : ${typeList(types)}`;
  return [
    `module @program attributes {mhlo.num_partitions = ${devices} : i32, mhlo.num_replicas = 1 : i32} {`,
    ...(partitioning === null ? [] : [`  ${meshText(partitioning.mesh)}`]),
    `  func.func public @main(${program.inputs.map((port, i) => argument(port, i, options)).join(', ')}) -> (${results.join(', ')}) {`,
    ...(emitter.text() === '' ? [] : [emitter.text()]),
    `    ${returned}`,
    '  }',
    '}',
    '',
  ].join('\n');
};
