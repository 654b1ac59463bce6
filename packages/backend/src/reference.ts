import {
  dtypes,
  evaluate,
  type LeavesOf,
  matchInputs,
  type Rounding,
  type TensorType,
  TensorValue,
  withLeaves,
} from '@torsor/tensor';
import { leaves, type Tree, traverse } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Backend, Buffer, Executable, type RunOptions } from './backend.js';
import { donatedInputs } from './donation.js';
import type { BackendError } from './error.js';

const backend = 'reference';

class ReferenceBuffer extends Buffer {
  value: TensorValue | null;

  constructor(value: TensorValue) {
    super(backend, value.type);
    this.value = value;
  }
}

const valueOf = (buffer: Buffer): E.Either<BackendError, TensorValue> => {
  if (!(buffer instanceof ReferenceBuffer)) return E.left({ _tag: 'Foreign', backend, what: 'a buffer' });
  return buffer.value === null ? E.left({ _tag: 'ReleasedBuffer', backend, type: buffer.type }) : E.right(buffer.value);
};

const copyOf = ({ type, data }: TensorValue): TensorValue => new TensorValue(type, data.slice());

/** What a run computes, and what it takes. */
type Outcome = {
  readonly values: readonly TensorValue[];
  readonly donated: readonly Buffer[];
};

/** The outcome of a run. The trees that a program takes and gives are trees of leaves. */
const execute = (
  { program, backend: of }: Executable,
  inputs: Tree<Buffer>,
  rounding: Rounding,
  options: RunOptions,
): E.Either<BackendError, Outcome> => {
  if (of !== backend) return E.left({ _tag: 'Foreign', backend, what: 'an executable' });
  const matched = matchInputs(program.inputs, inputs, ({ type }) => type);
  if (E.isLeft(matched)) return E.left({ _tag: 'BadInput', error: matched.left });
  const values = traverse(inputs, valueOf);
  if (E.isLeft(values)) return values;
  const donated = donatedInputs(program.inputs, matched.right, options);
  if (E.isLeft(donated)) return donated;
  const result = evaluate(program, values.right as unknown as LeavesOf<Tree<TensorType>, TensorValue>, rounding);
  if (E.isLeft(result)) return E.left({ _tag: 'BadInput', error: result.left });
  return E.right({
    values: leaves(result.right as unknown as Tree<TensorValue>),
    donated: matched.right.filter((_, i) => donated.right[i]),
  });
};

/** The float64 reference as a backend: slow, obvious, and the definition of what the others must compute. */
export const referenceBackend = (rounding: Rounding = 'float64'): Backend => {
  const alive = new Set<ReferenceBuffer>();
  const own = (value: TensorValue): ReferenceBuffer => {
    const buffer = new ReferenceBuffer(value);
    alive.add(buffer);
    return buffer;
  };
  const drop = (buffer: Buffer): void => {
    if (!(buffer instanceof ReferenceBuffer)) return;
    buffer.value = null;
    alive.delete(buffer);
  };
  const releaseAll = (buffers: readonly Buffer[]): E.Either<BackendError, void> => {
    for (const buffer of buffers) {
      const value = valueOf(buffer);
      if (E.isLeft(value)) return value;
      drop(buffer);
    }
    return E.right(undefined);
  };
  return {
    name: backend,
    capabilities: { dtypes, description: 'float64 on the host, one thread, for tests' },
    compile: (program) => TE.right(new Executable(backend, program)),
    put: (value) => TE.fromIO(() => own(copyOf(value))),
    get: (buffer) => TE.fromIOEither(() => E.map(copyOf)(valueOf(buffer))),
    run: (executable, inputs, options = {}) =>
      TE.fromIOEither(() => {
        const result = execute(executable, inputs as unknown as Tree<Buffer>, rounding, options);
        if (E.isLeft(result)) return result;
        const { values, donated } = result.right;
        for (const buffer of donated) drop(buffer);
        // `LeavesOf` the signature is a tree of buffers; the type system cannot resolve it for an unknown tree.
        return E.right(withLeaves(executable.program.signature.outputs as Tree<TensorType>, values.map(own)) as never);
      }),
    release: (buffers) => TE.fromIOEither(() => releaseAll(buffers)),
    memory: () => ({
      buffers: alive.size,
      bytes: [...alive].reduce((sum, { value }) => sum + (value?.data.byteLength ?? 0), 0),
    }),
  };
};
