import type { BackendError } from '@torsor/backend';
import { type Backend, type Buffer, showBackendError } from '@torsor/backend';
import {
  type ExprTree,
  evaluate,
  fromFloat64,
  type LeavesOf,
  type Program,
  program,
  type TensorType,
  type TensorValue,
  toFloat64,
} from '@torsor/tensor';
import { flatten, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Case } from './cases.js';

/** The value of a task that must not fail. */
export const done = async <A>(task: TaskEither<BackendError, A>): Promise<A> => {
  const result = await task();
  if (result._tag === 'Left') throw new Error(showBackendError(result.left));
  return result.right;
};

const draw = (type: TensorType, [low, high]: readonly [number, number], seed: number): TensorValue => {
  const size = type.shape.reduce((a, b) => a * b, 1);
  const numbers = Array.from({ length: size }, (_, k) => {
    const unit = (Math.imul(k + 1 + seed * 7919, 2654435761) >>> 0) / 2 ** 32;
    return type.dtype === 'f32' ? low + unit * (high - low) : Math.floor(low + unit * (high - low + 1));
  });
  return fromFloat64(type, numbers);
};

export type AnyProgram = Program<Readonly<Record<string, TensorType>>, ExprTree>;

export const programOf = (of: Case): AnyProgram => {
  const built = program(of.inputs, (given) => of.build(given));
  if (E.isLeft(built)) throw new Error(`${of.name}: ${JSON.stringify(built.left)}`);
  return built.right;
};

export const valuesFor = (of: Case): Readonly<Record<string, TensorValue>> => {
  return Object.fromEntries(
    Object.entries(of.inputs).map(([key, type], k) => [key, draw(type, of.between ?? [-2, 2], k + 1)]),
  );
};

/** Puts inputs, runs, gets outputs, releases everything. */
export const runOn = async (
  backend: Backend,
  of: AnyProgram,
  values: Readonly<Record<string, TensorValue>>,
): Promise<ReadonlyMap<string, TensorValue>> => {
  const executable = await done(backend.compile(of));
  const buffers: Record<string, Buffer> = {};
  for (const [key, value] of Object.entries(values)) buffers[key] = await done(backend.put(value));
  const outputs = await done(
    backend.run(executable, buffers as LeavesOf<Readonly<Record<string, TensorType>>, Buffer>),
  );
  const got = new Map<string, TensorValue>();
  const leavesOut = flatten(outputs as unknown as Tree<Buffer>);
  for (const { path, leaf } of leavesOut) got.set(path, await done(backend.get(leaf)));
  await done(backend.release([...leavesOut.map(({ leaf }) => leaf), ...Object.values(buffers)]));
  return got;
};

/** The largest difference from the reference, relative to the larger of 1 and the reference. */
export const worst = (
  of: AnyProgram,
  values: Readonly<Record<string, TensorValue>>,
  got: ReadonlyMap<string, TensorValue>,
): number => {
  const expected = evaluate(of, values as LeavesOf<Readonly<Record<string, TensorType>>, TensorValue>);
  if (E.isLeft(expected)) throw new Error(expected.left.reason);
  let largest = 0;
  for (const { path, leaf } of flatten(expected.right as unknown as Tree<TensorValue>)) {
    const actual = got.get(path);
    if (actual === undefined) throw new Error(`no output ${path}`);
    const [a, b] = [toFloat64(leaf), toFloat64(actual)];
    if (a.length !== b.length) throw new Error(`${path}: ${b.length} elements, expected ${a.length}`);
    a.forEach((number, k) => {
      const other = b[k] ?? Number.NaN;
      if (Object.is(number, other) || number === other) return;
      const difference = Math.abs(number - other) / Math.max(1, Math.abs(number));
      largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(largest, difference);
    });
  }
  return largest;
};
