import {
  dtypes,
  type ExprTree,
  evaluate,
  type LeavesOf,
  type Rounding,
  type TensorType,
  type TensorValue,
  withLeaves,
} from '@torsor/tensor';
import { flatten, leaves, map, type Tree } from '@torsor/tree';
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
    put: (value) => TE.fromIO(() => own(value)),
    get: (buffer) => TE.fromIOEither(() => valueOf(buffer)),
    run: <I extends Tree<TensorType>, O extends ExprTree>(
      executable: Executable<I, O>,
      inputs: LeavesOf<I, Buffer>,
      options: { readonly donate?: readonly string[] } = {},
    ) =>
      TE.fromIOEither(() => {
        const buffers = inputs as unknown as Tree<Buffer>;
        const entries = flatten(buffers);
        const values = E.traverseArray(({ leaf }: { readonly leaf: Buffer }) => valueOf(leaf))(entries);
        if (E.isLeft(values)) return values;
        const given = new Map(entries.map(({ path }, i) => [path, values.right[i]]));
        // A value was found for every buffer just above.
        const tree = map(buffers, (_, path) => given.get(path) as TensorValue) as unknown as LeavesOf<I, TensorValue>;
        const result = evaluate(executable.program, tree, rounding);
        if (E.isLeft(result)) return E.left<BackendError>({ _tag: 'BadInput', error: result.left });
        for (const { path, leaf } of entries) if (isDonated(path, options.donate)) drop(leaf);
        const outputs = leaves(result.right as unknown as Tree<TensorValue>).map(own);
        return E.right(
          withLeaves(executable.program.signature.outputs as Tree<TensorType>, outputs) as unknown as LeavesOf<O, Buffer>,
        );
      }),
    release: (buffers) => TE.fromIOEither(() => releaseAll(buffers)),
    memory: () => ({
      buffers: alive.size,
      bytes: [...alive].reduce((sum, { value }) => sum + (value?.data.byteLength ?? 0), 0),
    }),
  };
};
