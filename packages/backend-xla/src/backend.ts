import {
  type Backend,
  type BackendError,
  type Buffer,
  type CompileOptions,
  Executable,
  isDonated,
  type RunOptions,
} from '@torsor/backend';
import { type PartitionSpec, replicated } from '@torsor/sharding';
import { dtypes, matchInputs, type Program, sizeOf, type TensorType, TensorValue, withLeaves } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Held, heldBy, XlaBuffer } from './buffer.js';
import { loadOrCompile } from './compile.js';
import { isDeleted } from './native/buffer.js';
import type { CompileCache } from './native/cache.js';
import { destroyBuffer, type LoadedExecutable } from './native/executable.js';
import type { Address } from './native/library.js';
import { compileOptions, type DebugOption } from './options.js';
import { type Placement, placementOf, sameSpec } from './placement.js';
import type { Precision } from './stablehlo/emitter.js';
import { emitModule } from './stablehlo/module.js';
import { type Devices, gatherValue, runtimeFailure, scatterValue } from './transfer.js';

/** What a backend is made of. */
export interface Runtime extends Devices {
  readonly description: string;
  readonly cache: CompileCache;
  /** What a cached executable is good for: plugin, its version, device and processor, in words. */
  readonly target: readonly string[];
  readonly precision: Precision;
  /** XLA's debug options. */
  readonly debug: Readonly<Record<string, DebugOption>>;
}

interface Compiled {
  readonly loaded: LoadedExecutable;
  readonly placement: Placement;
}

/** A run that may begin: everything fits. */
interface Ready {
  readonly program: Program;
  readonly compiled: Compiled;
  readonly held: readonly Held[];
  readonly donated: readonly boolean[];
}

type Result<A> = E.Either<BackendError, A>;
type Task<A> = TE.TaskEither<BackendError, A>;

const bytesPerElement = { f32: 4, bf16: 2, f16: 2, f64: 8, i32: 4, u32: 4, bool: 1 } as const;

const byteLength = ({ dtype, shape }: TensorType): number => bytesPerElement[dtype] * sizeOf(shape);

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

  readonly get: Backend['get'] = (buffer) =>
    pipe(
      TE.fromIOEither(() => this.#held(buffer)),
      TE.flatMap(({ shards, buffer: { type, spec } }) => gatherValue(this.#runtime, type, spec, shards)),
      TE.map((data) => new TensorValue(buffer.type, data)),
    );

  readonly run: Backend['run'] = (executable, inputs, options = {}) =>
    pipe(
      TE.fromIOEither(() => this.#ready(executable, inputs as unknown as Tree<Buffer>, options)),
      TE.flatMap((ready) => this.#execute(ready)),
      TE.map((buffers) => {
        const types = executable.program.signature.outputs as Tree<TensorType>;
        // `LeavesOf` the signature is a tree of buffers; the type system cannot resolve it for an unknown tree.
        return withLeaves(types, buffers) as never;
      }),
    );

  readonly release: Backend['release'] = (buffers) =>
    TE.fromIOEither(() => {
      for (const buffer of buffers) {
        const held = this.#held(buffer);
        if (E.isLeft(held)) return held;
        this.#drop(held.right);
      }
      return E.right(undefined);
    });

  readonly memory: Backend['memory'] = () => {
    const { client, devices } = this.#runtime;
    const said = devices[0] === undefined ? undefined : client.memory(devices[0]);
    return {
      buffers: this.#alive.size,
      bytes: [...this.#alive].reduce((sum, { type }) => sum + byteLength(type), 0),
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
    const { client, cache, target, precision, debug, mesh, devices } = this.#runtime;
    const partitioning = mesh === null ? null : { mesh, inputs, outputs };
    const module = emitModule(program, { precision, aliases, partitioning });
    const options = compileOptions({ partitions: devices.length, debug });
    return TE.mapLeft(runtimeFailure(this.name, 'compile'))(loadOrCompile(client, cache, { module, options, target }));
  }

  #ready(executable: Executable, inputs: Tree<Buffer>, { donate }: RunOptions): Result<Ready> {
    const compiled = this.#compiled.get(executable);
    if (compiled === undefined) return E.left({ _tag: 'Foreign', backend: this.name, what: 'an executable' });
    const { program } = executable;
    const matched = matchInputs(program.inputs, inputs, ({ type }) => type);
    if (E.isLeft(matched)) return E.left({ _tag: 'BadInput', error: matched.left });
    const held = E.traverseArray((buffer: Buffer) => this.#held(buffer))(matched.right);
    if (E.isLeft(held)) return held;
    const donated = program.inputs.map(({ path }) => isDonated(path, donate));
    const refusal = this.#misplaced(compiled.placement, program, held.right) ?? this.#shared(held.right, donated);
    return refusal === undefined ? E.right({ program, compiled, held: held.right, donated }) : E.left(refusal);
  }

  #misplaced({ inputs }: Placement, program: Program, held: readonly Held[]): BackendError | undefined {
    const wrong = held.findIndex(({ buffer }, i) => !sameSpec(buffer.spec, inputs[i] ?? replicated));
    if (wrong < 0) return undefined;
    const [path, is, expected] = [program.inputs[wrong]?.path, held[wrong]?.buffer.spec, inputs[wrong]];
    const reason = `the input ${path} lies on the mesh as ${JSON.stringify(is)}, the program was compiled for ${JSON.stringify(expected)}; put it so`;
    return { _tag: 'Unsupported', backend: this.name, primitive: 'run', reason };
  }

  #shared(held: readonly Held[], donated: readonly boolean[]): BackendError | undefined {
    const seen = new Map<Buffer, number>();
    for (const { buffer } of held) seen.set(buffer, (seen.get(buffer) ?? 0) + 1);
    const twice = held.some(({ buffer }, i) => donated[i] === true && (seen.get(buffer) ?? 0) > 1);
    const reason = 'a buffer that is given twice cannot be donated';
    return twice ? { _tag: 'Unsupported', backend: this.name, primitive: 'run', reason } : undefined;
  }

  #execute({ program, compiled: { loaded, placement }, held, donated }: Ready): Task<readonly XlaBuffer[]> {
    const { client, devices } = this.#runtime;
    const launch = {
      arguments: devices.map((_, device) => held.map(({ shards }) => shards[device] ?? 0n)),
      numOutputs: program.outputs.length,
      kept: [...donated.keys()].filter((i) => donated[i] === false),
    };
    return pipe(
      loaded.execute(launch),
      TE.mapLeft((error) => {
        // A run that failed may have taken what it was given; what it has not taken is still the caller's.
        for (const one of held) if (one.shards.some((shard) => isDeleted(client.library, shard))) this.#drop(one);
        return runtimeFailure(this.name, 'run')(error);
      }),
      TE.map((perDevice) => {
        for (const [i, one] of held.entries()) if (donated[i] === true) this.#drop(one);
        return program.outputs.map(({ type }, output) =>
          this.#own(
            type,
            placement.outputs[output] ?? replicated,
            perDevice.map((results) => results[output] ?? 0n),
          ),
        );
      }),
    );
  }

  #own(type: TensorType, spec: PartitionSpec, shards: readonly Address[]): XlaBuffer {
    const buffer = new XlaBuffer(this.name, type, spec, shards);
    this.#alive.add(buffer);
    return buffer;
  }

  #drop({ buffer, shards }: Held): void {
    buffer.shards = null;
    this.#alive.delete(buffer);
    for (const shard of shards) destroyBuffer(this.#runtime.client.library, shard);
  }

  #held(buffer: Buffer): Result<Held> {
    return heldBy(this.name, this.#alive, buffer);
  }
}

/** The backend of a client's devices. */
export const xlaBackend = (runtime: Runtime): Backend => new XlaBackend(runtime);
