import type { Backend, Buffer, Executable } from '@torsor/backend';
import type { DecodeState, Observation, PrefillInputs, StepsInputs } from '@torsor/models';
import {
  type ExprTree,
  hashProgram,
  type LeavesOf,
  type Program,
  type TensorType,
  type TensorValue,
  toFloat64,
} from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';
import { orThrow } from '../on-backend.js';

/** The programs of a decoder: reading an observation, and one step. */
export type DecodePrograms = {
  readonly prefill: Program<PrefillInputs<TensorType>, DecodeState>;
  readonly step: Program<StepsInputs<TensorType>, DecodeState>;
};

/** What was decoded: the state's arrays by name after the last step, and the logits before each. */
export type Decoded = {
  readonly tokens: readonly number[];
  readonly lengths: readonly number[];
  /** `[b, v]` before every step that was made. */
  readonly logits: readonly (readonly number[])[];
};

type State = LeavesOf<DecodeState, Buffer>;

const compiled = new Map<string, Promise<Executable>>();

/** Compiles a program once per backend: recorded decodings share theirs. */
const compileOnce = <I extends Tree<TensorType>, O extends ExprTree>(
  backend: Backend,
  program: Program<I, O>,
): Promise<Executable<I, O>> => {
  // Only the graph is hashed, whatever the signature.
  const key = `${backend.name} ${hashProgram(program as unknown as Program)}`;
  const found = compiled.get(key) ?? orThrow(backend.compile(program));
  compiled.set(key, found as Promise<Executable>);
  // Programs of one hash have one signature here: they come from the same configuration.
  return found as Promise<Executable<I, O>>;
};

const put = async (backend: Backend, values: Tree<TensorValue>): Promise<Tree<Buffer>> => {
  const buffers = new Map<string, Buffer>();
  const pending: Promise<unknown>[] = [];
  map<TensorValue, null>(values, (value, path) => {
    pending.push(orThrow(backend.put(value)).then((buffer) => buffers.set(path, buffer)));
    return null;
  });
  await Promise.all(pending);
  return map<TensorValue, Buffer>(values, (_, path) => {
    const buffer = buffers.get(path);
    if (buffer === undefined) throw new Error(`nothing was put at ${path}`);
    return buffer;
  });
};

/** Decodes step by step, as a driver does: with donated states, until no sample is active. */
export const decodeOn = async (
  backend: Backend,
  { prefill, step }: DecodePrograms,
  params: Tree<TensorValue>,
  observation: Observation<TensorValue>,
): Promise<Decoded> => {
  const [reading, stepping] = [await compileOnce(backend, prefill), await compileOnce(backend, step)];
  const given = await put(backend, { params, observation });
  // The tree of buffers has the structure of the program's inputs.
  const inputs = given as unknown as LeavesOf<PrefillInputs<TensorType>, Buffer>;
  const numbers = async (buffer: Buffer): Promise<readonly number[]> =>
    Array.from(toFloat64(await orThrow(backend.get(buffer))));
  let state = (await orThrow(backend.run(reading, inputs))) as State;
  const logits: (readonly number[])[] = [];
  while ((await numbers(state.active)).includes(1)) {
    logits.push(await numbers(state.logits));
    const next = { params: inputs.params, state, random: {} } as unknown as LeavesOf<StepsInputs<TensorType>, Buffer>;
    state = (await orThrow(backend.run(stepping, next, { donate: ['state'] }))) as State;
  }
  return { tokens: await numbers(state.tokens), lengths: await numbers(state.lengths), logits };
};
