import type { Device } from '../backend.js';
import type { LoadedWasm } from '../native/loaded.js';
import { WasmHeap, type WasmTensor } from './heap.js';
import { wasmKernels } from './kernels.js';

/** The wasm backend as a device. */
export const wasmDevice = ({ core, backend, description }: LoadedWasm): Device<WasmTensor> => {
  const heap = new WasmHeap(core, backend);
  return {
    name: 'tfjs-wasm',
    description,
    kernels: wasmKernels(heap),
    memory: () => ({ buffers: heap.buffers, bytes: heap.bytes }),
  };
};
