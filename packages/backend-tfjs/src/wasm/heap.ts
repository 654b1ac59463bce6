import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type HostArray, type Shape, sizeOf } from '@torsor/tensor';
import type { DeviceDType, DeviceTensor } from '../kernels.js';
import { bytesOf, type Elements } from '../loops/elements.js';
import type { LoadedWasm } from '../native/loaded.js';
import { type EvenRows, type Memory, type OwnKernels, ownKernels } from './simd.js';

type TensorInfo = Parameters<BackendWasm['typedArrayFromHeap']>[0];

/** A tensor in the memory of the wasm backend. */
export type WasmTensor = DeviceTensor & {
  readonly info: TensorInfo;
};

const tfNames: { readonly [D in DeviceDType]: 'float32' | 'int32' | 'bool' } = {
  f32: 'float32',
  i32: 'int32',
  bool: 'bool',
};

const isMemory = (value: unknown): value is Memory => typeof value === 'object' && value !== null && 'buffer' in value;

/** The memory of the backend's module: the threaded build names it, the other one exports it. */
const memoryOf = (module: object): Memory | undefined => {
  const named: unknown = Reflect.get(module, 'wasmMemory');
  if (isMemory(named)) return named;
  const exported: unknown = Reflect.get(module, 'asm');
  const memory: unknown =
    typeof exported === 'object' && exported !== null ? Reflect.get(exported, 'memory') : undefined;
  return isMemory(memory) ? memory : undefined;
};

/** The wasm backend's memory and kernels, without tfjs's engine around them. */
export class WasmHeap {
  readonly #backend: BackendWasm;
  readonly #core: LoadedWasm['core'];
  readonly #own: OwnKernels | undefined;
  #buffers = 0;
  #bytes = 0;

  constructor(core: LoadedWasm['core'], backend: BackendWasm) {
    this.#core = core;
    this.#backend = backend;
    const memory = memoryOf(backend.wasm);
    this.#own = memory === undefined ? undefined : ownKernels(memory);
  }

  /** Tensors alive; aliases count. */
  get buffers(): number {
    return this.#buffers;
  }

  /** Bytes that live tensors have asked for. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A tensor whose elements are not set yet. */
  allocate(dtype: DeviceDType, shape: Shape): WasmTensor {
    return this.#adopt(this.#backend.makeOutput([...shape], tfNames[dtype]), dtype);
  }

  /** The elements where they lie. Any allocation may move them: take the view last. */
  elements(x: WasmTensor): Elements {
    const view = this.#backend.typedArrayFromHeap(x.info);
    if (view instanceof Float32Array || view instanceof Int32Array || view instanceof Uint8Array) return view;
    throw new TypeError(`the heap holds no ${x.dtype}`);
  }

  /** A tensor filled from the host. */
  upload(dtype: DeviceDType, shape: Shape, data: HostArray): WasmTensor {
    const made = this.allocate(dtype, shape);
    this.elements(made).set(data);
    return made;
  }

  /** The same memory under another shape. */
  alias(x: WasmTensor, shape: Shape): WasmTensor {
    this.#backend.incRef(x.info.dataId);
    this.#buffers += 1;
    return { dtype: x.dtype, shape, info: { dataId: x.info.dataId, shape: [...shape], dtype: x.info.dtype } };
  }

  /** Gives the memory back when no alias holds it. */
  free(x: WasmTensor): void {
    this.#buffers -= 1;
    if (this.#backend.disposeData(x.info.dataId)) this.#bytes -= bytesOf[x.dtype] * sizeOf(x.shape);
  }

  /** One of tfjs's own kernels. */
  run(
    name: string,
    inputs: Readonly<Record<string, WasmTensor>>,
    attrs: Readonly<Record<string, unknown>>,
    dtype: DeviceDType,
  ): WasmTensor {
    const kernel = this.#core.getKernel(name, 'wasm');
    const infos = Object.fromEntries(Object.entries(inputs).map(([key, { info }]) => [key, info]));
    const made = kernel.kernelFunc({ inputs: infos, attrs: Object(attrs), backend: this.#backend });
    const [only] = Array.isArray(made) ? made : [made];
    if (only === undefined) throw new Error(`tfjs's ${name} gave no result`);
    return this.#adopt(only, dtype);
  }

  /** `[b, m, k] · [b, k, n]` of f32 by this package's own kernel; undefined where it cannot be started. */
  multiply(x: WasmTensor, y: WasmTensor): WasmTensor | undefined {
    if (this.#own === undefined) return undefined;
    const [b = 1, m = 1, k = 1] = x.shape;
    const n = y.shape[2] ?? 1;
    const out = this.allocate('f32', [b, m, n]);
    const [left = 0, right = 0, result = 0] = [x, y, out].map(({ info }) => this.#backend.getMemoryOffset(info.dataId));
    this.#own.multiply(left, right, result, b, m, k, n);
    return out;
  }

  /** `x op y` of f32 by this package's own kernel; undefined where it cannot be started. */
  arithmetic(op: number, x: WasmTensor, y: WasmTensor, shape: Shape, rows: EvenRows): WasmTensor | undefined {
    if (this.#own === undefined) return undefined;
    const out = this.allocate('f32', shape);
    const [left = 0, right = 0, result = 0] = [x, y, out].map(({ info }) => this.#backend.getMemoryOffset(info.dataId));
    this.#own.arithmetic(op, left, right, result, rows.count, rows.length, ...rows.outer, ...rows.steps);
    return out;
  }

  #adopt(info: TensorInfo, dtype: DeviceDType): WasmTensor {
    this.#buffers += 1;
    this.#bytes += bytesOf[dtype] * sizeOf(info.shape);
    return { dtype, shape: info.shape, info };
  }
}
