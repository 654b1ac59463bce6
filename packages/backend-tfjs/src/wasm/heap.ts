import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { HostArray, Shape } from '@torsor/tensor';
import type { DeviceDType, DeviceTensor } from '../kernels.js';
import { bytesOf, type Elements } from '../loops/elements.js';
import type { LoadedWasm } from '../native/loaded.js';

type TensorInfo = Parameters<BackendWasm['typedArrayFromHeap']>[0];

/** A tensor in the memory of the wasm backend. */
export interface WasmTensor extends DeviceTensor {
  readonly info: TensorInfo;
}

const tfNames: { readonly [D in DeviceDType]: 'float32' | 'int32' | 'bool' } = { f32: 'float32', i32: 'int32', bool: 'bool' };

const sizeOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1);

/** The wasm backend's memory and kernels, without tfjs's engine around them. */
export class WasmHeap {
  readonly #backend: BackendWasm;
  readonly #core: LoadedWasm['core'];
  #buffers = 0;
  #bytes = 0;

  constructor(core: LoadedWasm['core'], backend: BackendWasm) {
    this.#core = core;
    this.#backend = backend;
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
  run(name: string, inputs: Readonly<Record<string, WasmTensor>>, attrs: Readonly<Record<string, unknown>>, dtype: DeviceDType): WasmTensor {
    const kernel = this.#core.getKernel(name, 'wasm');
    const infos = Object.fromEntries(Object.entries(inputs).map(([key, { info }]) => [key, info]));
    const made = kernel.kernelFunc({ inputs: infos, attrs: Object(attrs), backend: this.#backend });
    const [only] = Array.isArray(made) ? made : [made];
    if (only === undefined) throw new Error(`tfjs's ${name} gave no result`);
    return this.#adopt(only, dtype);
  }

  #adopt(info: TensorInfo, dtype: DeviceDType): WasmTensor {
    this.#buffers += 1;
    this.#bytes += bytesOf[dtype] * sizeOf(info.shape);
    return { dtype, shape: info.shape, info };
  }
}
