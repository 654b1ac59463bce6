import type { Device } from '../backend.js';
import type { LoadedNode } from '../native/loaded.js';
import { EagerContext, type EagerTensor } from './context.js';
import { eagerKernels } from './kernels.js';

/** tfjs-node or tfjs-node-gpu as a device. */
export const eagerDevice = ({ kind, binding, description }: LoadedNode): Device<EagerTensor> => {
  const context = new EagerContext(binding);
  return {
    name: kind,
    description,
    kernels: eagerKernels(context),
    memory: () => ({ buffers: context.buffers, bytes: context.bytes }),
  };
};
