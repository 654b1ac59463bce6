import type { Mesh, PartitionSpec } from '@torsor/sharding';
import type { DType, ExprTree, LeavesOf, Program, TensorType, TensorValue } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { BackendError } from './error.js';

/** A tensor that a backend holds. Backends extend it; nobody else looks inside. */
export class Buffer {
  /** The name of the backend that holds it. */
  readonly backend: string;
  readonly type: TensorType;

  constructor(backend: string, type: TensorType) {
    this.backend = backend;
    this.type = type;
  }
}

/** A compiled program. Backends extend it; nobody else looks inside. */
export class Executable<I extends Tree<TensorType> = Tree<TensorType>, O extends ExprTree = ExprTree> {
  readonly backend: string;
  readonly program: Program<I, O>;

  constructor(backend: string, program: Program<I, O>) {
    this.backend = backend;
    this.program = program;
  }
}

/** What a backend has. */
export type Capabilities = {
  readonly dtypes: readonly DType[];
  /** What it runs on, in words: versions, threads, device. */
  readonly description: string;
  /** The devices that a program is split over; absent where there is one. */
  readonly mesh?: Mesh;
};

/** How the tensor at a path lies on the mesh of a backend. */
export type SpecOf = (path: string, type: TensorType) => PartitionSpec;

/** How a program is compiled. */
export type CompileOptions = {
  /** How inputs and outputs lie on the mesh, by their paths; whole on every device when absent. Ignored without a mesh. */
  readonly specOf?: SpecOf;
};

/** How a run treats its inputs. */
export type RunOptions = {
  /**
   * Inputs that the run may overwrite and that are released by it: paths of the program's inputs, or of nodes above
   * them. `['state']` gives up every input below `state`, `['']` every input.
   *
   * @errors `BadDonation` for a path that names none, and for a buffer that is another input too.
   */
  readonly donate?: readonly string[];
};

/** Memory that a backend holds, as far as it knows. */
export type MemoryStatistics = {
  /** Buffers alive, by number. */
  readonly buffers: number;
  readonly bytes: number;
  /** The most bytes that the runtime has held at once, where it counts them. */
  readonly peakBytes?: number;
  /** The bytes that a device has, where it says. */
  readonly limitBytes?: number;
};

/**
 * A runtime for programs.
 *
 * A backend never infers shapes, never differentiates and never reads a model: programs arrive checked and simplified.
 * Every buffer is owned by the caller from the moment it is returned until it is released or donated.
 *
 * @law for every program and inputs, `run` agrees with `evaluate` within the tolerance of the dtypes (the conformance suite).
 */
export type Backend = {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** @errors `UnsupportedDType` or `Unsupported` naming the primitive, before anything runs. */
  readonly compile: <I extends Tree<TensorType>, O extends ExprTree>(
    program: Program<I, O>,
    options?: CompileOptions,
  ) => TaskEither<BackendError, Executable<I, O>>;
  /** Copies a value to the backend, split over its mesh as `spec` says; whole on every device when absent. */
  readonly put: (value: TensorValue, spec?: PartitionSpec) => TaskEither<BackendError, Buffer>;
  /** Copies a buffer to the host; the buffer stays. */
  readonly get: (buffer: Buffer) => TaskEither<BackendError, TensorValue>;
  /** Runs a program on a tree of buffers; the caller owns the results. */
  readonly run: <I extends Tree<TensorType>, O extends ExprTree>(
    executable: Executable<I, O>,
    inputs: LeavesOf<I, Buffer>,
    options?: RunOptions,
  ) => TaskEither<BackendError, LeavesOf<O, Buffer>>;
  /** Gives buffers back; releasing one twice is an error. */
  readonly release: (buffers: readonly Buffer[]) => TaskEither<BackendError, void>;
  readonly memory: () => MemoryStatistics;
};
