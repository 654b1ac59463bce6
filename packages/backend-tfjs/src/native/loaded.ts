import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorflowBinding } from './binding.js';
import type { TfjsCore } from './core.js';

/** The three homes of a tfjs backend, fastest first. */
export type TfjsKind = 'tfjs-node-gpu' | 'tfjs-node' | 'wasm';

/** The two native packages. */
export type NodeKind = Exclude<TfjsKind, 'wasm'>;

/** The wasm backend, ready to run kernels. */
export type LoadedWasm = {
  readonly kind: 'wasm';
  readonly core: TfjsCore;
  readonly backend: BackendWasm;
  /** What runs, for a log line. */
  readonly description: string;
};

/** tfjs-node or tfjs-node-gpu, ready to run TensorFlow's operations. */
export type LoadedNode = {
  readonly kind: NodeKind;
  readonly core: TfjsCore;
  readonly binding: TensorflowBinding;
  /** What runs, for a log line. */
  readonly description: string;
};

/** A tfjs backend that is ready. */
export type LoadedTfjs = LoadedWasm | LoadedNode;
