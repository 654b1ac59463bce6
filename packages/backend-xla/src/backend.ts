import {
  type Backend,
  type BackendError,
  type Buffer,
  type CompileOptions,
  donatedInputs,
  Executable,
  type RunOptions,
} from '@torsor/backend';
import { bytesOf, type PartitionSpec, replicated } from '@torsor/sharding';
import {
  dtypes,
  type HostArray,
  matchInputs,
  type Program,
  type TensorType,
  TensorValue,
  withLeaves,
} from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Held, heldBy, XlaBuffer } from './buffer.js';
import { loadOrCompile } from './compile.js';
import { isDeleted } from './native/buffer.js';
import type { CompileCache } from './native/cache.js';
import { destroyBuffers, type LoadedExecutable } from './native/executable.js';
import type { Address } from './native/struct.js';
import { compileOptions, type DebugOption } from './options.js';
import { type Placement, placementOf, sameSpec } from './placement.js';
import type { Precision } from './stablehlo/emitter.js';
import { emitModule } from './stablehlo/module.js';
import { type Devices, gatherValue, runtimeFailure, scatterValue } from './transfer.js';

/** What a backend is made of. */
export type Runtime = Devices & {
  readonly description: string;
  readonly cache: CompileCache;
  /** What a cached executable is good for: plugin, its version, device and processor, in words. */
  readonly target: readonly string[];
  /** Bytes that a device can hold; `undefined` where nobody knows. */
  readonly available: number | undefined;
  readonly precision: Precision;
  /** XLA's debug options. */
  readonly debug: Readonly<Record<string, DebugOption>>;
};

type Compiled = {
  readonly loaded: LoadedExecutable;
  readonly placement: Placement;
};

/** A run that may begin: everything fits. */
type Ready = {
  readonly program: Program;
  readonly compiled: Compiled;
  readonly held: readonly Held[];
  readonly donated: readonly boolean[];
};

type Result<A> = E.Either<BackendError, A>;
type Task<A> = TE.TaskEither<BackendError, A>;

class XlaBackend implements Backend {
  readonly name: string;
  readonly capabilities: Backend['capabilities'];
  readonly #runtime: Runtime;
  readonly #alive = new Set<Buffer>();
  readonly #compiled = new WeakMap<object, Compiled>();
  /** Code of executables that nobody holds any more. */
  readonly #unused = new FinalizationRegistry<LoadedExecutable>((loaded) => loaded.destroy());

  constructor(runtime: Runtime) {
    const { name, description, mesh } = runtime;
    this.name = name;
    this.capabilities = { dtypes, description, ...(mesh === null ? {} : { mesh }) };
    this.#runtime = runtime;
  }

  readonly compile: Backend['compile'] = (program, options = {}) =>
    pipe(
      TE.fromIOEither(() => this.#placement(program, options)),
      TE.flatMap((placement) =>
        pipe(
          this.#load(program, placement),
          TE.map((loaded) => {
            const executable = new Executable(this.name, program);
            this.#compiled.set(executable, { loaded, placement });
            this.#unused.register(executable, loaded);
            return executable;
          }),
        ),
      ),
    );

  readonly put: Backend['put'] = (value, spec = replicated) =>
    pipe(
      scatterValue(this.#runtime, value, spec),
      TE.map((shards) => this.#own(value.type, spec, shards)),
    );

  // Here and in `run` no turn comes between looking at the buffers and giving them to the runtime (a `TaskEither`'s `map`
  // would take one): another call could release them.
  readonly get: Backend['get'] = (buffer) => async () => {
    const held = this.#held(buffer);
    if (E.isLeft(held)) return held;
    const { spec, type } = held.right.buffer;
    const data = await gatherValue(this.#runtime, type, spec, held.right.shards)();
    return E.map((whole: HostArray) => new TensorValue(type, whole))(data);
  };

  readonly run: Backend['run'] =
    (executable, inputs, options = {}) =>
    async () => {
      const ready = this.#ready(executable, inputs as unknown as Tree<Buffer>, options);
      if (E.isLeft(ready)) return ready;
      const results = await this.#execute(ready.right)();
      const types = executable.program.signature.outputs as Tree<TensorType>;
      // `LeavesOf` the signature is a tree of buffers; the type system cannot resolve it for an unknown tree.
      return E.map((buffers: readonly XlaBuffer[]) => withLeaves(types, buffers) as never)(results);
    };

  readonly release: Backend['release'] = (buffers) =>
    TE.fromIOEither(() => {
      for (const buffer of buffers) {
        const held = this.#held(buffer);
        if (E.isLeft(held)) return held;
        this.#forget(held.right);
        destroyBuffers(this.#runtime.client.library, held.right.shards);
      }
      return E.right(undefined);
    });

  readonly memory: Backend['memory'] = () => {
    const { client, devices } = this.#runtime;
    const said = devices[0] === undefined ? undefined : client.memory(devices[0]);
    return {
      buffers: this.#alive.size,
      bytes: [...this.#alive].reduce((sum, { type }) => sum + bytesOf(type), 0),
      ...(said?.peakBytesInUse === undefined ? {} : { peakBytes: said.peakBytesInUse }),
      ...(said?.bytesLimit === undefined ? {} : { limitBytes: said.bytesLimit }),
    };
  };

  #placement(program: Program, options: CompileOptions): Result<Placement> {
    return pipe(
      placementOf(program, this.#runtime.mesh, options),
      E.mapLeft((error) => ({ _tag: 'BadSharding', backend: this.name, error })),
    );
  }

  #load(program: Program, { inputs, outputs, aliases }: Placement): Task<LoadedExecutable> {
    const { client, cache, target, available, precision, debug, mesh, devices } = this.#runtime;
    const partitioning = mesh === null ? null : { mesh, inputs, outputs };
    const module = emitModule(program, { precision, aliases, partitioning });
    const options = compileOptions({ partitions: devices.length, debug });
    const compilation = { module, options, target, available };
    return TE.mapLeft(runtimeFailure(this.name, 'compile'))(loadOrCompile(client, cache, compilation));
  }

  #ready(executable: Executable, inputs: Tree<Buffer>, options: RunOptions): Result<Ready> {
    const compiled = this.#compiled.get(executable);
    if (compiled === undefined) return E.left({ _tag: 'Foreign', backend: this.name, what: 'an executable' });
    const { program } = executable;
    const matched = matchInputs(program.inputs, inputs, ({ type }) => type);
    if (E.isLeft(matched)) return E.left({ _tag: 'BadInput', error: matched.left });
    const held = E.traverseArray((buffer: Buffer) => this.#held(buffer))(matched.right);
    if (E.isLeft(held)) return held;
    const misplaced = this.#misplaced(compiled.placement, program, held.right);
    if (misplaced !== undefined) return E.left(misplaced);
    return E.map((donated: readonly boolean[]) => ({ program, compiled, held: held.right, donated }))(
      donatedInputs(program.inputs, matched.right, options),
    );
  }

  #misplaced({ inputs }: Placement, program: Program, held: readonly Held[]): BackendError | undefined {
    const wrong = held.findIndex(({ buffer }, i) => !sameSpec(buffer.spec, inputs[i] ?? replicated));
    if (wrong < 0) return undefined;
    const [path, is, expected] = [program.inputs[wrong]?.path, held[wrong]?.buffer.spec, inputs[wrong]];
    const reason = `the input ${path} lies on the mesh as ${JSON.stringify(is)}, the program was compiled for ${JSON.stringify(expected)}; put it so`;
    return { _tag: 'Unsupported', backend: this.name, primitive: 'run', reason };
  }

  #execute({ program, compiled: { loaded, placement }, held, donated }: Ready): Task<readonly XlaBuffer[]> {
    const { client, devices } = this.#runtime;
    const taken = held.filter((_, i) => donated[i]);
    const launch = {
      arguments: devices.map((_, device) => held.map(({ shards }) => shards[device] ?? 0n)),
      numOutputs: program.outputs.length,
      kept: [...donated.keys()].filter((i) => donated[i] === false),
    };
    return async () => {
      const running = loaded.execute(launch)();
      // From here on they are the run's: a second one that would take them too is refused.
      for (const one of taken) this.#forget(one);
      const perDevice = await running;
      if (E.isLeft(perDevice)) {
        for (const one of taken) this.#giveBack(one);
        return E.left(runtimeFailure(this.name, 'run')(perDevice.left));
      }
      for (const { shards } of taken) destroyBuffers(client.library, shards);
      return E.right(
        program.outputs.map(({ type }, output) =>
          this.#own(
            type,
            placement.outputs[output] ?? replicated,
            perDevice.right.map((results) => results[output] ?? 0n),
          ),
        ),
      );
    };
  }

  /** A run that failed may have taken what it was given; what it has not taken is the caller's again. */
  #giveBack({ buffer, shards }: Held): void {
    const { library } = this.#runtime.client;
    if (shards.some((shard) => isDeleted(library, shard))) {
      destroyBuffers(library, shards);
      return;
    }
    buffer.shards = shards;
    this.#alive.add(buffer);
  }

  #own(type: TensorType, spec: PartitionSpec, shards: readonly Address[]): XlaBuffer {
    const buffer = new XlaBuffer(this.name, type, spec, shards);
    this.#alive.add(buffer);
    return buffer;
  }

  #forget({ buffer }: Held): void {
    buffer.shards = null;
    this.#alive.delete(buffer);
  }

  #held(buffer: Buffer): Result<Held> {
    return heldBy(this.name, this.#alive, buffer);
  }
}

/** The backend of a client's devices. */
export const xlaBackend = (runtime: Runtime): Backend => new XlaBackend(runtime);
