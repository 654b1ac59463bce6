import {
  dtypes,
  type ExprTree,
  evaluate,
  type LeavesOf,
  type Rounding,
  type TensorType,
  TensorValue,
  withLeaves,
} from '@torsor/tensor';
import { flatten, leaves, type Tree, traverse } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Backend, Buffer, Executable, isDonated } from './backend.js';
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

/** The results of a program, given how to own them. The trees that a program takes and gives are trees of leaves. */
const execute = <I extends Tree<TensorType>, O extends ExprTree>(
  executable: Executable<I, O>,
  inputs: LeavesOf<I, Buffer>,
  rounding: Rounding,
): E.Either<BackendError, (own: (value: TensorValue) => Buffer) => LeavesOf<O, Buffer>> => {
  if (executable.backend !== backend) return E.left({ _tag: 'Foreign', backend, what: 'an executable' });
  const values = traverse(inputs as unknown as Tree<Buffer>, valueOf);
  if (E.isLeft(values)) return values;
  const result = evaluate(executable.program, values.right as unknown as LeavesOf<I, TensorValue>, rounding);
  if (E.isLeft(result)) return E.left({ _tag: 'BadInput', error: result.left });
  const outputs = leaves(result.right as unknown as Tree<TensorValue>);
  const signature = executable.program.signature.outputs as Tree<TensorType>;
  return E.right((own) => withLeaves(signature, outputs.map(own)) as unknown as LeavesOf<O, Buffer>);
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
        const result = execute(executable, inputs, rounding);
        if (E.isLeft(result)) return result;
        const donated = flatten(inputs as unknown as Tree<Buffer>).filter(({ path }) =>
          isDonated(path, options.donate),
        );
        for (const { leaf } of donated) drop(leaf);
        return E.right(result.right(own));
      }),
    release: (buffers) => TE.fromIOEither(() => releaseAll(buffers)),
    memory: () => ({
      buffers: alive.size,
      bytes: [...alive].reduce((sum, { value }) => sum + (value?.data.byteLength ?? 0), 0),
    }),
  };
};
