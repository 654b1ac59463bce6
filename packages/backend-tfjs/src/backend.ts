import {
  type Backend,
  type BackendError,
  type Buffer,
  donatedInputs,
  Executable,
  type RunOptions,
} from '@torsor/backend';
import {
  type ExprTree,
  type LeavesOf,
  matchInputs,
  type Program,
  type TensorType,
  TensorValue,
  withLeaves,
} from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { BufferStore, type TfjsBuffer } from './buffer.js';
import { checkDTypes } from './dtypes.js';
import { type DeviceTensor, deviceDType, deviceDTypes, type Kernels } from './kernels.js';
import { planGraph } from './lowering/table.js';
import { execute, type Prepared, prepare } from './plan/execute.js';

/** A device with its name and its books. */
export type Device<T extends DeviceTensor> = {
  readonly name: string;
  readonly description: string;
  readonly kernels: Kernels<T>;
  /** Tensors that the device holds. */
  readonly memory: Backend['memory'];
};

type Result<A> = E.Either<BackendError, A>;

/** What a run needs to know of its inputs: the buffers in port order and which of them it may free. */
type Inputs<T extends DeviceTensor> = {
  readonly buffers: ReadonlyArray<TfjsBuffer<T>>;
  readonly donated: readonly boolean[];
};

class TfjsBackend<T extends DeviceTensor> implements Backend {
  readonly name: string;
  readonly capabilities: Backend['capabilities'];
  readonly #device: Device<T>;
  readonly #kernels: Kernels<T>;
  readonly #buffers: BufferStore<T>;
  readonly #prepared = new WeakMap<object, Prepared<T>>();

  // constants of compiled programs: the device holds them, no caller can release them
  #constants = { buffers: 0, bytes: 0 };

  constructor(device: Device<T>) {
    this.name = device.name;
    this.capabilities = { dtypes: deviceDTypes, description: device.description };
    this.#device = device;
    this.#kernels = device.kernels;
    this.#buffers = new BufferStore(device.name);
  }

  readonly memory: Backend['memory'] = () => {
    const { buffers, bytes } = this.#device.memory();
    return { buffers: buffers - this.#constants.buffers, bytes: bytes - this.#constants.bytes };
  };

  readonly compile: Backend['compile'] = (program) =>
    this.#later('compile', () => {
      const checked = checkDTypes(this.name, program.graph);
      if (E.isLeft(checked)) return checked;
      const executable = new Executable(this.name, program);
      const before = this.memory();
      this.#prepared.set(executable, prepare(this.#kernels, planGraph(checked.right)));
      const after = this.memory();
      const { buffers, bytes } = this.#constants;
      this.#constants = {
        buffers: buffers + after.buffers - before.buffers,
        bytes: bytes + after.bytes - before.bytes,
      };
      return E.right(executable);
    });

  readonly put: Backend['put'] = (value) =>
    this.#later('put', () => {
      const { dtype, shape } = value.type;
      const known: readonly string[] = deviceDTypes;
      if (!known.includes(dtype)) {
        return E.left({
          _tag: 'UnsupportedDType',
          backend: this.name,
          primitive: 'put',
          dtype,
          supported: deviceDTypes,
        });
      }
      return E.right(this.#buffers.add(value.type, this.#kernels.upload(deviceDType(value.type), shape, value.data)));
    });

  readonly get: Backend['get'] = (buffer) =>
    this.#later('get', () =>
      E.flatMap(({ held, type }: TfjsBuffer<T>) =>
        held === undefined ? this.#released(type) : E.right(new TensorValue(type, this.#kernels.download(held))),
      )(this.#buffers.own(buffer)),
    );

  readonly run: Backend['run'] = (executable, inputs, options) =>
    this.#later('run', () => this.#run(executable, inputs, options));

  readonly release: Backend['release'] = (buffers) =>
    this.#later('release', () => {
      for (const buffer of buffers) {
        const own = this.#buffers.own(buffer);
        if (E.isLeft(own)) return own;
        this.#free(own.right);
      }
      return E.right(undefined);
    });

  #run<I extends Tree<TensorType>, O extends ExprTree>(
    executable: Executable<I, O>,
    inputs: LeavesOf<I, Buffer>,
    options: RunOptions = {},
  ): Result<LeavesOf<O, Buffer>> {
    const prepared = this.#prepared.get(executable);
    if (prepared === undefined) return E.left({ _tag: 'Foreign', backend: this.name, what: 'an executable' });
    const matched = this.#match(executable.program, inputs, options);
    if (E.isLeft(matched)) return matched;
    const { buffers, donated } = matched.right;
    const held = buffers.map((buffer, i) => (donated[i] ? this.#buffers.remove(buffer) : buffer.held));
    const outputs = execute(this.#kernels, prepared, held.filter(present), donated);
    const given = outputs.map((output, i) => this.#buffers.add(portType(executable.program, i), output));
    // `LeavesOf` the signature is a tree of buffers; the type system cannot resolve it for an unknown tree.
    const types = executable.program.signature.outputs as Tree<TensorType>;
    return E.right(withLeaves(types, given) as unknown as LeavesOf<O, Buffer>);
  }

  #match<I extends Tree<TensorType>, O extends ExprTree>(
    program: Program<I, O>,
    inputs: LeavesOf<I, Buffer>,
    options: RunOptions,
  ): Result<Inputs<T>> {
    const tree = inputs as unknown as Tree<Buffer>;
    const matched = matchInputs(program.inputs, tree, ({ type }) => type);
    if (E.isLeft(matched)) return E.left({ _tag: 'BadInput', error: matched.left });
    const buffers = E.traverseArray((buffer: Buffer) => this.#buffers.own(buffer))(matched.right);
    if (E.isLeft(buffers)) return buffers;
    return E.map((donated: readonly boolean[]) => ({ buffers: buffers.right, donated }))(
      donatedInputs(program.inputs, buffers.right, options),
    );
  }

  #free(buffer: TfjsBuffer<T>): void {
    const held = this.#buffers.remove(buffer);
    if (held !== undefined) this.#kernels.free(held);
  }

  #released(type: TensorType): Result<never> {
    return E.left({ _tag: 'ReleasedBuffer', backend: this.name, type });
  }

  // a turn of the event loop per call: tfjs computes synchronously, and signals and timers must get through in between
  #later<A>(during: string, work: () => Result<A>): () => Promise<Result<A>> {
    return () =>
      new Promise((resolve) => {
        setImmediate(() => resolve(this.#guarded(during, work)));
      });
  }

  #guarded<A>(during: string, work: () => Result<A>): Result<A> {
    try {
      return work();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      return E.left({ _tag: 'RuntimeFailure', backend: this.name, during, message });
    }
  }
}

const present = <A>(value: A | undefined): value is A => value !== undefined;

const portType = <I extends Tree<TensorType>, O extends ExprTree>(
  program: Program<I, O>,
  output: number,
): TensorType => {
  const port = program.outputs[output];
  if (port === undefined) throw new RangeError(`the program has no output ${output}`);
  return port.type;
};

/** The backend of a device. */
export const deviceBackend = <T extends DeviceTensor>(device: Device<T>): Backend => {
  return new TfjsBackend(device);
};
